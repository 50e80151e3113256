package io.residua.common.topic;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Names, partitions and replication of the topics between the services. */
@ConfigMapping(prefix = "residua.topics")
public interface TopicsConfig {
    /** Whether a service creates the topics it needs; if not it only verifies them. */
    @WithDefault("true")
    boolean create();

    /** Partitions of the topics on the data path. */
    @WithDefault("4")
    int partitions();

    /** Replicas of every topic that is created. */
    @WithDefault("1")
    short replicationFactor();

    /** Embeddings by item id. */
    @WithDefault("item-embeddings")
    String itemEmbeddings();

    /** Embeddings that were refused. */
    @WithDefault("item-embeddings-dlq")
    String itemEmbeddingsDlq();

    /** Prefix of the names of codes topics, before a dash and the model version. */
    @WithDefault("item-codes")
    String itemCodes();

    /** Requests to train or to cancel. */
    @WithDefault("training-requests")
    String trainingRequests();

    /** Progress and results of training. */
    @WithDefault("training-events")
    String trainingEvents();

    /** Published models. */
    @WithDefault("models")
    String models();

    /** The state of each model's index. */
    @WithDefault("index-status")
    String indexStatus();

    /** The quality of each model's index. */
    @WithDefault("index-metrics")
    String indexMetrics();

    /** The topic that holds a model version's codes. */
    default String itemCodes(String modelVersion) {
        return itemCodes() + "-" + modelVersion;
    }
}
