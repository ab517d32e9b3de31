package dev.vitrine.cli.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher in a house of cardboard: scripts stand for the JDK and for Maven, and write down how
 * they were called. The folders where it looks for JDKs are moved, so that none of this machine's
 * own is found.
 */
@DisabledOnOs(OS.WINDOWS)
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
final class LauncherTest {
  private static final Path SCRIPT = Path.of(System.getProperty("basedir", "src"), "..", "vitrine");
  private static final String MAVEN =
      """
      #!/bin/sh
      echo built >>"$HERE/builds"
      [ ! -e "$HERE/broken" ] || exit 1
      mkdir -p "$HERE/src/target/dist" && : >"$HERE/src/target/dist/a.jar" && : >"$HERE/src/target/dist/b.jar"
      """;

  /** Makes the cache when asked, else prints its arguments, one a line, and ends as it is told. */
  private static final String JAVA =
      """
      #!/bin/sh
      for argument; do
        case $argument in -XX:AOTCacheOutput=*) echo cache >"${argument#*=}"; exit 0 ;; esac
      done
      printf '%s\\n' "$@"
      echo 'WARNING: Using incubator modules: jdk.incubator.vector' >&2
      exit "${CODE:-0}"
      """;

  private static final List<String> TOOLS =
      List.of(
          "cat",
          "cp",
          "dirname",
          "find",
          "grep",
          "head",
          "mkdir",
          "mktemp",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sh",
          "sleep",
          "stty",
          "uname");

  @TempDir private Path temp;
  private Path house;
  private Path jdk;

  private record Ended(int code, List<String> out, String err) {}

  @BeforeEach
  void build() throws IOException {
    house = Files.createDirectories(temp.resolve("a house"));
    for (String module : List.of("kernels", "weights-tools", "src/main", "src/test")) {
      Files.createDirectories(house.resolve(module));
      aged(Files.writeString(house.resolve(module).resolve("A.java"), "class A {}"));
    }
    aged(Files.writeString(house.resolve("pom.xml"), "<project/>"));
    String script =
        Files.readString(SCRIPT)
            .replace("/usr/lib/jvm/", temp + "/jvm/")
            .replace("/usr/libexec/", temp + "/libexec/")
            .replace("/opt/", temp + "/opt/")
            .replace("/Library/", temp + "/Library/");
    executable(house.resolve("vitrine"), script);
    executable(house.resolve("mvnw"), MAVEN);
    jdk = jdk("jdk", "25.0.3");
    tools();
  }

  /** A path with the tools that every system has, and no JDK. */
  private void tools() throws IOException {
    Path bin = Files.createDirectories(temp.resolve("bin"));
    for (String tool : TOOLS) {
      for (String folder : List.of("/usr/bin", "/bin")) {
        Path there = Path.of(folder, tool);
        if (Files.exists(there) && !Files.exists(bin.resolve(tool))) {
          executable(bin.resolve(tool), "#!/bin/sh\nexec " + there + " \"$@\"\n");
        }
      }
    }
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = temp.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    executable(home.resolve("bin/javac"), "#!/bin/sh\n");
    executable(home.resolve("bin/java"), JAVA);
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private static void executable(Path file, String content) throws IOException {
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Path aged(Path file) throws IOException {
    return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
  }

  private static void renewed(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(60)));
  }

  private Ended run(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(house.resolve("vitrine").toString()));
    command.addAll(List.of(arguments));
    Path out = temp.resolve("out");
    Path err = temp.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", temp.resolve("bin").toString());
    builder.environment().put("HERE", house.toString());
    builder.environment().put("HOME", temp.toString());
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    return new Ended(code, Files.readAllLines(out), Files.readString(err));
  }

  private Ended run(String... arguments) throws Exception {
    return run(Map.of("JAVA_HOME", jdk.toString()), arguments);
  }

  private long builds() throws IOException {
    Path builds = house.resolve("builds");
    return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
  }

  @Test
  void passesArgumentsAndExitCodeOn() throws Exception {
    Ended ended = run(Map.of("JAVA_HOME", jdk.toString(), "CODE", "2"), "look", "a  b", "*", "");
    assertThat(ended.code()).isEqualTo(2);
    int main = ended.out().indexOf("dev.vitrine.cli.Main");
    assertThat(ended.out().subList(main + 1, ended.out().size()))
        .containsExactly("look", "a  b", "*", "");
    String dist = house.toRealPath().resolve("src/target/dist").toString();
    assertThat(ended.out()).contains(dist + "/a.jar:" + dist + "/b.jar");
  }

  @Test
  void keepsTheJvmsWarningToItself() throws Exception {
    run();
    assertThat(run("look").err()).isEmpty();
  }

  @Test
  void buildsOnceAndAgainWhenASourceChanged() throws Exception {
    assertThat(run().err()).contains("building once");
    run();
    assertThat(builds()).isEqualTo(1);
    renewed(house.resolve("src/test/A.java"));
    run();
    assertThat(builds()).as("a test is no part of it").isEqualTo(1);
    renewed(house.resolve("kernels/A.java"));
    run();
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void startsFromTheCacheThatItMade() throws Exception {
    run();
    String cache = house.toRealPath().resolve("src/target/dist/vitrine.aot").toString();
    assertThat(run().out()).contains("-XX:AOTCache=" + cache);
  }

  @Test
  void leavesVectorsOutWhereTheBuiltInModelRuns() throws Exception {
    run();
    String quick = "-XX:AOTCache=" + house.toRealPath().resolve("src/target/dist/embedded.aot");
    String vectors = "--add-modules=jdk.incubator.vector";
    assertThat(run("look", "a").out()).contains(quick).doesNotContain(vectors);
    assertThat(run("look", "a", "--model", "gpt2").out()).contains(vectors).doesNotContain(quick);
    assertThat(run("look", "--backend=simd", "a").out()).contains(vectors).doesNotContain(quick);
    assertThat(run("look", "@flags").out()).contains(vectors).doesNotContain(quick);
    assertThat(run("doctor").out()).contains(vectors).doesNotContain(quick);
  }

  @Test
  void makesTheCacheAnewForAnotherJdk() throws Exception {
    run();
    Path cache = house.resolve("src/target/dist/vitrine.aot");
    Files.writeString(cache, "of the first JDK");
    Path other = jdk("other", "26");
    Ended ended = run(Map.of("VITRINE_JDK", other.toString()));
    assertThat(ended.code()).isZero();
    assertThat(cache).hasContent("cache");
    assertThat(builds()).as("what is compiled serves both").isEqualTo(1);
  }

  @Test
  void saysThatTheBuildFailed() throws Exception {
    Files.createFile(house.resolve("broken"));
    Ended ended = run();
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains("vitrine: the build failed");
    Files.delete(house.resolve("broken"));
    assertThat(run().code()).isZero();
  }

  @Test
  void saysHowToGetAJdkWhereThereIsNone() throws Exception {
    Path old = jdk("old", "17.0.11");
    Ended ended = run(Map.of("JAVA_HOME", old.toString()));
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains("needs a JDK 25 or later", "get one", "JAVA_HOME");
    assertThat(builds()).isZero();
  }

  @Test
  void refusesAnOldJdkThatWasAskedFor() throws Exception {
    Path old = jdk("old", "17.0.11");
    Ended ended = run(Map.of("VITRINE_JDK", old.toString(), "JAVA_HOME", jdk.toString()));
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains("VITRINE_JDK is " + old, "correct or unset it");
  }

  @Test
  void findsAJdkInTheUsersFolders() throws Exception {
    Path home = jdk(".sdkman/candidates/java/25-tem", "25");
    Ended ended = run(Map.of());
    assertThat(ended.code()).isZero();
    assertThat(home.resolve("bin/java")).exists();
    assertThat(ended.out()).contains("dev.vitrine.cli.Main");
  }
}
