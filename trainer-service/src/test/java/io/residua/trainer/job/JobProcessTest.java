package io.residua.trainer.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class JobProcessTest {
    @TempDir
    Path folder;

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void processDoesNotOutliveAListenerThatThrows() throws Exception {
        // Given
        String script = "echo '@residua {\"news\":\"failed\",\"reason\":\"test\"}'; exec cat";
        Process process = new ProcessBuilder("sh", "-c", script).start();
        JobProcess jobProcess = new JobProcess(process, folder.resolve("log"), Duration.ofSeconds(10));

        // When / Then
        assertThatThrownBy(() -> jobProcess.await(news -> {
                    throw new IllegalStateException("cannot tell " + news);
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(process.isAlive()).isFalse();
    }
}
