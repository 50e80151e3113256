package io.residua.trainer.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.topic.Topics.TopicException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.Test;

class TopicsAtStartTest {
    @Test
    void brokerThatIsAwayIsWaitedForAndARefusalIsNot() {
        // Given
        Iterator<RuntimeException> failures = List.<RuntimeException>of(
                        new TimeoutException("no broker"),
                        new TimeoutException("no broker"),
                        new TopicAuthorizationException("not yours"))
                .iterator();
        KafkaClients clients = new KafkaClients(Map.of()) {
            @Override
            Admin admin() {
                return failing(failures.next());
            }
        };
        TopicsAtStart topics = new TopicsAtStart(clients, TestConfig.topics(), Duration.ZERO);

        // When / Then
        assertThatThrownBy(topics::ensure).isInstanceOf(TopicException.class).hasMessageContaining("not yours");
        assertThat(failures).isExhausted();
    }

    private static Admin failing(RuntimeException failure) {
        return (Admin) Proxy.newProxyInstance(
                Admin.class.getClassLoader(),
                new Class<?>[] {Admin.class},
                (proxy, method, arguments) -> method.getName().equals("createTopics") ? new Failed(failure) : null);
    }

    private static final class Failed extends CreateTopicsResult {
        Failed(RuntimeException failure) {
            super(Map.of("item-embeddings", failed(failure)));
        }

        private static KafkaFutureImpl<TopicMetadataAndConfig> failed(RuntimeException failure) {
            KafkaFutureImpl<TopicMetadataAndConfig> future = new KafkaFutureImpl<>();
            future.completeExceptionally(failure);
            return future;
        }
    }
}
