package io.residua.system;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dependencies between the packages of all modules, read from their compiled main classes. */
class PackageDependenciesTest {
    private static JavaClasses classes;

    @BeforeAll
    static void readAllModules() throws IOException {
        Path repository = Path.of("..");
        List<Path> modules;
        try (Stream<Path> folders = Files.list(repository)) {
            modules = folders.filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .filter(folder -> Files.exists(folder.resolve("src/main/java")))
                    .map(folder -> folder.resolve("target/classes"))
                    .toList();
        }
        assertThat(modules).as("compiled classes of every module").hasSizeGreaterThanOrEqualTo(6);
        assertThat(modules).allSatisfy(folder -> assertThat(folder).isDirectory());
        classes = new ClassFileImporter().importPaths(modules);
    }

    @Test
    void packagesFormNoCycles() {
        slices().matching("io.residua.(**)").should().beFreeOfCycles().check(classes);
    }

    @ParameterizedTest
    @CsvSource({
        "common,    trainer indexer evaluator stack benchmarks",
        "trainer,   indexer evaluator stack benchmarks",
        "indexer,   trainer evaluator stack benchmarks",
        "evaluator, trainer indexer stack benchmarks",
        "stack,     trainer indexer evaluator benchmarks"
    })
    void modulesDependOnCommonOnly(String module, String others) {
        noClasses()
                .that()
                .resideInAPackage(packagesOf(module))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(Stream.of(others.split(" ", -1))
                        .map(PackageDependenciesTest::packagesOf)
                        .toArray(String[]::new))
                .check(classes);
    }

    @Test
    void mathsUsesNeitherKafkaNorNativeCode() {
        noClasses()
                .that()
                .resideInAnyPackage("io.residua.common.quantise..", "io.residua.common.resolve..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "org.rocksdb..", "ai.onnxruntime..", "ai.djl..")
                .check(classes);
    }

    private static String packagesOf(String module) {
        return "io.residua." + module + "..";
    }
}
