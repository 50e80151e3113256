package io.residua.indexer.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GenerationTopicsTest {
    @Test
    void encodeGroupIsNoOtherVersionsApplication() {
        // Given
        GenerationTopics topics = new GenerationTopics("app-f2-v", "e", "d", "r", "g", "c", "codes");

        // When
        String group = topics.encodeGroup();

        // Then
        String version = group.substring("app-f2-".length());
        assertThat(version).startsWith("v").doesNotMatch("[a-z0-9][a-z0-9-]{0,62}");
    }
}
