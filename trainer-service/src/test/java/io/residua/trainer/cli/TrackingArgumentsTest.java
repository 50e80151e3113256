package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrackingArgumentsTest {
    @TempDir
    Path folder;

    @Test
    void wandbUsersAreToldHowToImportTheRun() throws IOException {
        // When
        List<String> notes = notes("--use_wandb", "True", "--wandb_project", "my project", "--wandb_name", "a/b#1");

        // Then
        assertThat(notes)
                .singleElement()
                .asString()
                .endsWith("wandb sync --sync-tensorboard -p 'my project' --id a-b-1 " + folder.toAbsolutePath());
    }

    @Test
    void runIsNamedAfterItsFolderUnlessItHasAName() throws IOException {
        // When
        List<String> notes = notes("--use-wandb", "true");

        // Then
        assertThat(notes)
                .singleElement()
                .asString()
                .contains("wandb sync --sync-tensorboard -p residua --id " + folder.getFileName() + " ");
    }

    @Test
    void runsOfAComparisonHaveNamesOfTheirOwn() throws IOException {
        // Given
        TrainCommand command =
                TrainCommand.parse(List.of("--use_wandb", "True", "--wandb_name", "mine"), new ArrayList<>());
        command.tracking.comparison = "monday";
        List<String> notes = new ArrayList<>();

        // When
        for (String variant : List.of("large", "small")) {
            Path run = Files.createDirectories(folder.resolve(variant));
            command.tracking.follow(run, command.arguments.options(), news -> {}, notes::add, listener -> run);
        }

        // Then
        assertThat(notes.get(0)).contains("--id mine-large ");
        assertThat(notes.get(1)).contains("--id mine-small ");
    }

    @Test
    void wandbOptionsAloneSayNothing() throws IOException {
        // When
        List<String> notes = notes("--use_wandb", "False", "--wandb_project", "p", "--wandb_name", "n");

        // Then
        assertThat(notes).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlruns", "file:///mlruns", "sqlite:///x.db", "http:/x", "http://a b"})
    void serverMustHaveAnAddress(String uri) {
        // When
        List<String> problems = TrainCommand.problems(List.of("--tracking_uri", uri));

        // Then
        assertThat(problems)
                .singleElement()
                .asString()
                .contains("--tracking_uri", uri)
                .doesNotContain("\n");
    }

    private List<String> notes(String... args) throws IOException {
        List<String> problems = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        TrainCommand command = TrainCommand.parse(List.of(args), problems);
        assertThat(problems).isEmpty();
        command.tracking.follow(folder, command.arguments.options(), news -> {}, notes::add, listener -> folder);
        return notes;
    }
}
