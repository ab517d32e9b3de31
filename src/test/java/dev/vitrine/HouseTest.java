package dev.vitrine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** The house stands as it was drawn: each room knows only those above it. */
@AnalyzeClasses(packages = "dev.vitrine", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseTest {

  @ArchTest
  static final ArchRule modulesKnowOnlyThoseAboveThem =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("kernels")
          .definedBy("dev.vitrine.kernels..")
          .layer("weights")
          .definedBy("dev.vitrine.weights..")
          .layer("model")
          .definedBy(
              "dev.vitrine.tensor..",
              "dev.vitrine.text..",
              "dev.vitrine.model..",
              "dev.vitrine.trace..",
              "dev.vitrine.generate..",
              "dev.vitrine.analysis..",
              "dev.vitrine.cli..")
          .whereLayer("kernels")
          .mayOnlyBeAccessedByLayers("weights", "model")
          .whereLayer("weights")
          .mayOnlyBeAccessedByLayers("model")
          .whereLayer("model")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule roomsKnowOnlyThoseAboveThem =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("tensor")
          .definedBy("dev.vitrine.tensor..")
          .layer("text")
          .definedBy("dev.vitrine.text..")
          // A model gives traces and a trace computes with its model: the two are one floor.
          .layer("model and trace")
          .definedBy("dev.vitrine.model..", "dev.vitrine.trace..")
          .layer("generate")
          .definedBy("dev.vitrine.generate..")
          .layer("analysis")
          .definedBy("dev.vitrine.analysis..")
          .layer("cli")
          .definedBy("dev.vitrine.cli..")
          .whereLayer("model and trace")
          .mayOnlyBeAccessedByLayers("generate", "analysis", "cli")
          .whereLayer("generate")
          .mayOnlyBeAccessedByLayers("analysis", "cli")
          .whereLayer("analysis")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule theModelDoesNotKnowWhichBackendRunsIt =
      noClasses()
          .that()
          .resideInAnyPackage("dev.vitrine.model..", "dev.vitrine.trace..", "dev.vitrine.tensor..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.vitrine.kernels.reference..",
              "dev.vitrine.kernels.simd..",
              "dev.vitrine.kernels.scalar..",
              "dev.vitrine.kernels.cuda..",
              "dev.vitrine.kernels.f32..");

  @ArchTest
  static final ArchRule onlyTheCommandLineEndsTheProgram =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.vitrine.cli..")
          .should()
          .callMethod(System.class, "exit", int.class);

  @ArchTest
  static final ArchRule namesSaySomething =
      noClasses()
          .should(
              new ArchCondition<JavaClass>("be called Util, Helper, Manager or Impl") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                  boolean empty =
                      type.getSimpleName().matches(".*(Utils?|Helpers?|Manager|Impl)")
                          || type.getPackageName()
                              .matches(".*\\.(util|common|helper|impl)(\\..*)?");
                  events.add(new SimpleConditionEvent(type, empty, type.getName()));
                }
              });
}
