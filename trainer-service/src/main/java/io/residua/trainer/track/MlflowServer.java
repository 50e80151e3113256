package io.residua.trainer.track;

import io.residua.common.event.Json;
import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;

/**
 * One run on an MLflow server, as the server sees it. Its id is kept in the run's folder, so that a later process goes on
 * with the same one. Every call waits for the server, without a limit of its own.
 */
final class MlflowServer implements AutoCloseable {
    private static final String FILE = "mlflow.json";

    private final URI uri;
    private final MlflowClient client;
    private String runId;

    private record Kept(URI server, String runId) {}

    MlflowServer(URI uri) {
        this.uri = uri;
        String host = uri.toString().replaceFirst("/+$", "");
        String token = System.getenv("MLFLOW_TRACKING_TOKEN");
        this.client = new MlflowClient(
                token != null
                        ? new BasicMlflowHostCreds(host, token)
                        : new BasicMlflowHostCreds(
                                host,
                                System.getenv("MLFLOW_TRACKING_USERNAME"),
                                System.getenv("MLFLOW_TRACKING_PASSWORD")));
    }

    URI uri() {
        return uri;
    }

    /**
     * Finds the run that the folder names, unless it has been deleted, or makes one.
     *
     * @return whether it has yet to be told the options
     */
    boolean open(Tracking.Mlflow where, Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (Files.exists(file)) {
            Kept kept = Json.read(Files.readAllBytes(file), Kept.class);
            Optional<Run> there = kept.server().equals(uri) ? active(kept.runId()) : Optional.empty();
            if (there.isPresent()) {
                runId = kept.runId();
                client.setTerminated(runId, RunStatus.RUNNING);
                return there.get().getData().getParamsCount() == 0;
            }
        }
        runId = create(experimentId(where.experiment()), where.runName(), folder.toAbsolutePath());
        DurableFiles.replace(file, Json.writePretty(new Kept(uri, runId)));
        return true;
    }

    /** A run that is there and not deleted. */
    private Optional<Run> active(String id) {
        try {
            return Optional.of(client.getRun(id))
                    .filter(run -> run.getInfo().getLifecycleStage().equals("active"));
        } catch (MlflowHttpException e) {
            if (e.getStatusCode() == 404) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private String experimentId(String name) {
        var there = client.getExperimentByName(name);
        if (there.isPresent()) {
            return there.get().getExperimentId();
        }
        try {
            return client.createExperiment(name);
        } catch (MlflowHttpException e) {
            // Another run may have been quicker.
            return client.getExperimentByName(name).orElseThrow(() -> e).getExperimentId();
        }
    }

    private String create(String experimentId, String name, Path folder) {
        RunInfo run = client.createRun(CreateRun.newBuilder()
                .setExperimentId(experimentId)
                .setRunName(name)
                .setStartTime(System.currentTimeMillis())
                .addTags(tag("mlflow.user", System.getProperty("user.name")))
                .addTags(tag("mlflow.source.name", "residua"))
                .addTags(tag("residua.run_folder", folder.normalize().toString()))
                .build());
        return run.getRunId();
    }

    void params(Map<String, String> params) {
        List<Param> list = params.entrySet().stream()
                .map(param -> Param.newBuilder()
                        .setKey(param.getKey())
                        .setValue(param.getValue())
                        .build())
                .toList();
        client.logBatch(runId, null, list, null);
    }

    void metrics(List<Metric> metrics) {
        client.logBatch(runId, metrics, null, null);
    }

    /** Ends the run. A later process may still go on with it. */
    void end(RunStatus how, Optional<Path> model) {
        if (model.isPresent()) {
            String folder = model.get().toAbsolutePath().normalize().toString();
            client.logBatch(runId, null, null, List.of(tag("residua.model_folder", folder)));
        }
        client.setTerminated(runId, how);
    }

    private static RunTag tag(String key, String value) {
        return RunTag.newBuilder().setKey(key).setValue(value).build();
    }

    @Override
    public void close() {
        client.close();
    }
}
