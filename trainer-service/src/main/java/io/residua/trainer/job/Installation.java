package io.residua.trainer.job;

import io.residua.common.artifact.ArtifactStore;
import io.residua.common.artifact.ArtifactStores;
import io.residua.common.device.Device;
import io.residua.trainer.config.TrainerConfig;
import io.residua.trainer.model.Torch;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Where this trainer finds and leaves things. */
@ApplicationScoped
public class Installation {
    private final ArtifactStore artifacts;
    private final Path jobs;
    private final Device device;
    private final String actualDevice;

    Installation(
            TrainerConfig config,
            @ConfigProperty(name = "residua.artifacts.root", defaultValue = ".residua/artifacts") String artifactsRoot,
            @ConfigProperty(name = "residua.device", defaultValue = "auto") String device) {
        this.artifacts = ArtifactStores.open(artifactsRoot);
        this.jobs =
                config.jobsDir().orElseGet(() -> folder(artifactsRoot, config).resolve("jobs"));
        this.device = Device.parse(device);
        this.actualDevice = Torch.probe(this.device);
    }

    private static Path folder(String artifactsRoot, TrainerConfig config) {
        if (artifactsRoot.startsWith("file:")) {
            return Path.of(URI.create(artifactsRoot));
        }
        return artifactsRoot.contains("://") ? config.stateDir() : Path.of(artifactsRoot);
    }

    /** Where models are published. */
    ArtifactStore artifacts() {
        return artifacts;
    }

    /** Where jobs have their folders. */
    Path jobs() {
        return jobs;
    }

    /** What jobs run on, as configured. */
    String device() {
        return device.toString();
    }

    /** What that comes to on this machine. */
    public String actualDevice() {
        return actualDevice;
    }
}
