package io.residua.indexer.wire;

import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.TopicsConfig;
import java.util.List;
import java.util.Set;

/**
 * The names of one generation's topics and groups.
 *
 * @param application Kafka Streams' application id; internal names begin with it
 * @param embeddings where embeddings come from
 * @param deadLetters where refused embeddings go
 * @param requests requests and releases by prefix
 * @param grants grants, refusals and deletions by item id
 * @param counts how many items each partition of the item stage has coded and refused
 * @param codes codes by item id
 */
public record GenerationTopics(
        String application,
        String embeddings,
        String deadLetters,
        String requests,
        String grants,
        String counts,
        String codes) {
    /** Format of internal topics and stores: part of their names, so that no release reads another format's. */
    public static final int FORMAT = 2;

    /** The names for {@code modelVersion}. */
    public static GenerationTopics of(String applicationId, String modelVersion, TopicsConfig topics) {
        String application = applicationId + "-f" + FORMAT + "-" + modelVersion;
        return new GenerationTopics(
                application,
                topics.itemEmbeddings(),
                topics.itemEmbeddingsDlq(),
                application + "-requests",
                application + "-grants",
                application + "-counts",
                topics.itemCodes(modelVersion));
    }

    /** The consumer group that encodes. */
    public String encodeGroup() {
        // A version holds no dot, so that no other version's application has this name.
        return application + ".encode";
    }

    /** Topics that only this generation uses and whose consumed records are deleted. */
    public List<String> internal() {
        return List.of(requests, grants);
    }

    /** Topics that the stages only write to. They may gain partitions, which stay empty. */
    public Set<String> sinks() {
        return Set.of(codes, counts);
    }

    /** What has to exist before the generation starts: grants and codes have equal partition counts. */
    public TopicSpec[] specs(int partitions) {
        return new TopicSpec[] {
            TopicSpec.untilProcessed(requests, partitions),
            TopicSpec.untilProcessed(grants, partitions),
            TopicSpec.compacted(counts, 1),
            TopicSpec.compacted(codes, partitions)
        };
    }
}
