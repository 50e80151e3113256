package io.residua.stack.up;

import io.residua.stack.StackException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Locates the built programs.
 *
 * @param home the repository's root
 */
record Installation(Path home) {
    /** System property that names the repository's root. */
    static final String PROPERTY = "residua.home";

    /** The installation that this process belongs to. */
    static Installation find() {
        return new Installation(
                Path.of(System.getProperty(PROPERTY, "")).toAbsolutePath().normalize());
    }

    /**
     * The runnable jar of a service.
     *
     * @throws StackException if it has not been built
     */
    Path jarOf(String module) {
        Path jar = home.resolve(module).resolve("target/quarkus-app/quarkus-run.jar");
        if (!Files.isRegularFile(jar)) {
            throw new StackException("no build of " + module + " in " + home + "; run: ./mvnw -q -Dquick package -pl "
                    + module + " -am");
        }
        return jar;
    }

    Path defaultData() {
        return home.resolve(".residua");
    }

    Path defaultSample() {
        return home.resolve("samples").resolve("wordnet-nouns");
    }
}
