package io.residua.indexer.wire;

import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.TopicsConfig;
import java.util.List;

/**
 * The names of one generation's topics and groups.
 *
 * @param application Kafka Streams' application id; internal names begin with it
 * @param embeddings where embeddings come from
 * @param deadLetters where refused embeddings go
 * @param latents encoded embeddings by item id
 * @param requests requests and releases by prefix
 * @param grants answers by item id
 * @param codes codes by item id
 */
public record GenerationTopics(
        String application,
        String embeddings,
        String deadLetters,
        String latents,
        String requests,
        String grants,
        String codes) {
    /** The names for {@code modelVersion}. */
    public static GenerationTopics of(String applicationId, String modelVersion, TopicsConfig topics) {
        String application = applicationId + "-" + modelVersion;
        return new GenerationTopics(
                application,
                topics.itemEmbeddings(),
                topics.itemEmbeddingsDlq(),
                application + "-latents",
                application + "-requests",
                application + "-grants",
                topics.itemCodes(modelVersion));
    }

    /** The consumer group that encodes. */
    public String encodeGroup() {
        return application + "-encode";
    }

    /** Topics that only this generation uses and whose consumed records are deleted. */
    public List<String> internal() {
        return List.of(latents, requests, grants);
    }

    /** What has to exist before the generation starts: latents, grants and codes have equal partition counts. */
    public TopicSpec[] specs(int partitions) {
        return new TopicSpec[] {
            TopicSpec.untilProcessed(latents, partitions),
            TopicSpec.untilProcessed(requests, partitions),
            TopicSpec.untilProcessed(grants, partitions),
            TopicSpec.compacted(codes, partitions)
        };
    }
}
