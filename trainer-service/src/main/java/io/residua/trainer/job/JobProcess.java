package io.residua.trainer.job;

import io.residua.common.process.ParentWatch;
import io.residua.trainer.cli.Cancellation;
import io.residua.trainer.cli.ProgressJson;
import io.residua.trainer.cli.TrainerMain;
import io.residua.trainer.cli.TrainingProcess;
import io.residua.trainer.config.TrainerConfig;
import io.residua.trainer.run.TrainingNews;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * A job's process: this program's {@code train} command in a Java of its own. It stops when its standard input closes,
 * so that it never outlives this process. Its progress comes as lines of JSON; other lines go to the job's log.
 */
final class JobProcess {
    private static final Logger LOG = Logger.getLogger(JobProcess.class);
    private static final List<String> PASSED_ON = List.of("ai.djl.", "DJL_", "PYTORCH_", "java.io.tmpdir");

    private final Process process;
    private final Path log;
    private final Duration stopTimeout;

    JobProcess(Process process, Path log, Duration stopTimeout) {
        this.process = process;
        this.log = log;
        this.stopTimeout = stopTimeout;
    }

    /** Starts the command with these arguments. */
    static JobProcess start(List<String> arguments, Path log, TrainerConfig config) throws IOException {
        List<String> command = new ArrayList<>(java(config.jobHeap()));
        command.add("train");
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Map<String, String> environment = builder.environment();
        environment.remove(ParentWatch.VARIABLE);
        environment.put(Cancellation.ENVIRONMENT, "1");
        environment.putAll(TrainingProcess.settings(environment));
        Process process = builder.start();
        LOG.infof("training process started pid=%d arguments=%s", process.pid(), arguments);
        return new JobProcess(process, log, config.stopTimeout());
    }

    private static List<String> java(String heap) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(TrainingProcess.JVM_OPTIONS);
        command.addAll(List.of("-Xmx" + heap, "-XX:+ExitOnOutOfMemoryError"));
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        System.getProperties().forEach((name, value) -> {
            if (PASSED_ON.stream().anyMatch(prefix -> name.toString().startsWith(prefix))) {
                command.add("-D" + name + "=" + value);
            }
        });
        String classPath = System.getProperty("java.class.path");
        if (classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)) {
            command.addAll(List.of("-jar", classPath));
        } else {
            command.addAll(List.of("-cp", classPath, TrainerMain.class.getName()));
        }
        return command;
    }

    /**
     * Hands over all news until the process ends, then returns its exit code. When it throws instead, the process has been
     * stopped: another one may work in the same folder.
     */
    int await(Consumer<TrainingNews> listener) throws IOException, InterruptedException {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                BufferedWriter writer =
                        Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                var news = ProgressJson.parse(line);
                if (news.isPresent()) {
                    listener.accept(news.get());
                } else {
                    writer.write(line);
                    writer.newLine();
                    writer.flush();
                }
            }
            int code = process.waitFor();
            LOG.infof("training process ended pid=%d code=%d", process.pid(), code);
            return code;
        } finally {
            if (process.isAlive()) {
                stop();
            }
        }
    }

    /** Stops the process in order, or else by force. Returns when it has ended. */
    void stop() {
        try {
            process.outputWriter().close();
        } catch (IOException e) {
            LOG.debugf("the process's input was closed before cause=%s", e.getMessage());
        }
        try {
            if (!process.waitFor(stopTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
