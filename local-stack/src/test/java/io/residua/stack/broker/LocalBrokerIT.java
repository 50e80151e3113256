package io.residua.stack.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBrokerIT {
    @TempDir
    Path data;

    @Test
    void topicsAreStillThereAfterStopAndStartOnTheSamePort() throws Exception {
        try (LocalBroker broker = LocalBroker.start(data, 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            // Given
            admin.createTopics(List.of(new NewTopic("kept", 3, (short) 1)))
                    .all()
                    .get();

            // When
            broker.stop();
            broker.start();

            // Then
            assertThat(admin.listTopics().names().get()).containsExactly("kept");
        }
    }

    @Test
    void topicsAreStillThereForAnotherBrokerOnTheSameFolder() throws Exception {
        // Given
        String clusterId;
        try (LocalBroker broker = LocalBroker.start(data, 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("kept", 3, (short) 1)))
                    .all()
                    .get();
            clusterId = admin.describeCluster().clusterId().get();
        }

        // When
        try (LocalBroker broker = LocalBroker.start(data, 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            // Then
            assertThat(admin.listTopics().names().get()).containsExactly("kept");
            assertThat(admin.describeCluster().clusterId().get()).isEqualTo(clusterId);
        }
    }

    @Test
    void topicsAreNotCreatedByUseAndEmbeddingsOfManyDimensionsFit() throws Exception {
        try (LocalBroker broker = LocalBroker.start(data, 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            // When
            ConfigResource node = new ConfigResource(ConfigResource.Type.BROKER, "1");
            var settings = admin.describeConfigs(List.of(node)).all().get().get(node);

            // Then
            assertThat(settings.get("auto.create.topics.enable").value()).isEqualTo("false");
            assertThat(Integer.parseInt(settings.get("message.max.bytes").value()))
                    .isGreaterThan(4 * 16_384);
            assertThatThrownBy(() -> admin.describeTopics(List.of("unused"))
                            .allTopicNames()
                            .get())
                    .isInstanceOf(ExecutionException.class);
        }
    }

    @Test
    void takenPortIsNamed() throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
            // Then
            assertThatThrownBy(() -> LocalBroker.start(data, taken.getLocalPort()))
                    .isInstanceOf(IOException.class)
                    .hasMessage("port " + taken.getLocalPort() + " is taken");
        }
    }
}
