package dev.vitrine.training.world;

import java.util.List;
import java.util.stream.Stream;

/** Someone of the small world. */
public record Person(String name, boolean female) {

  private static final String FEMALE =
      "Mary Alice Anna Amy Emma Sarah Jane Kate Laura Lucy Ruth Rose Lily Grace Helen Julia Clara"
          + " Diana Ella Eva Fiona Hannah Ida Iris Jessica Kelly Linda Lisa Maria Martha Megan"
          + " Nancy Nina Nora Olivia Paula Rachel Rebecca Rosa Sally Sandra Sophie Stella Susan"
          + " Tina Vera Victoria Wendy Zoe Beth";

  private static final String MALE =
      "John Tom James Dan Sid Martin Adam Alan Albert Alex Andrew Ben Bill Bob Brian Carl Charles"
          + " Chris David Edward Eric Frank Fred George Harry Henry Hugo Ian Jack Jason Joe Kevin"
          + " Leo Luke Mark Matthew Max Michael Neil Oscar Patrick Paul Peter Philip Richard Robert"
          + " Sam Simon Steven William";

  /** Everyone: fifty women and fifty men. */
  public static final List<Person> ALL =
      Stream.concat(
              Stream.of(FEMALE.split(" ", -1)).map(name -> new Person(name, true)),
              Stream.of(MALE.split(" ", -1)).map(name -> new Person(name, false)))
          .toList();

  /** She or he. */
  public String they() {
    return female ? "she" : "he";
  }

  /** Her or him. */
  public String them() {
    return female ? "her" : "him";
  }

  /** Her or his. */
  public String their() {
    return female ? "her" : "his";
  }

  /** The pronoun of the other sex. */
  public String notThey() {
    return female ? "he" : "she";
  }

  @Override
  public String toString() {
    return name;
  }
}
