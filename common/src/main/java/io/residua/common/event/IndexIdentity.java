package io.residua.common.event;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * The state of a generation on the broker. A generation continues only if all of it is unchanged. Its retirement
 * deletes exactly this, except the source.
 *
 * @param format format number of internal topics and state stores
 * @param applicationId the {@code residua.index.application-id} it was started under
 * @param source the topic its embeddings come from
 * @param groups names of its consumer groups
 * @param topics the topics that are its own: codes, internal topics and changelogs
 */
public record IndexIdentity(
        int format, String applicationId, TopicIdentity source, List<String> groups, List<TopicIdentity> topics) {
    public IndexIdentity {
        Checks.requireNotNegative("format", format);
        Checks.requireText("applicationId", applicationId);
        requireNonNull(source, "source is null");
        groups = Checks.copy("groups", groups);
        topics = Checks.copy("topics", topics);
    }

    /** One of the generation's own topics. */
    public Optional<TopicIdentity> topic(String name) {
        return topics.stream().filter(topic -> topic.name().equals(name)).findFirst();
    }

    /** A copy with other topics of its own. */
    public IndexIdentity withTopics(List<TopicIdentity> newTopics) {
        return new IndexIdentity(format, applicationId, source, groups, newTopics);
    }

    /**
     * A topic, identified by its id. A re-created topic of the same name has another id.
     *
     * @param name its name
     * @param id Kafka's id of it; absent until it has been created
     * @param partitions its partitions; 0 if Kafka Streams chooses them and has not created it yet
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TopicIdentity(String name, String id, int partitions) {
        public TopicIdentity {
            Checks.requireText("name", name);
            Checks.requireNotNegative("partitions", partitions);
        }

        /** Whether it has been seen on the broker. */
        public boolean exists() {
            return id != null;
        }
    }
}
