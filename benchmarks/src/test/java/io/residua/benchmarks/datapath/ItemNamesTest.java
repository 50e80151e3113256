package io.residua.benchmarks.datapath;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.benchmarks.datapath.ItemNames.Phase;
import org.junit.jupiter.api.Test;

class ItemNamesTest {
    private final ItemNames names = new ItemNames("bench-x");

    @Test
    void itemIsKnownByItsKeyInItsOwnPhaseOnly() {
        // When
        byte[] key = names.key(Phase.MANY, 999_999);

        // Then
        assertThat(names.number(Phase.MANY, key)).isEqualTo(999_999);
        assertThat(names.number(Phase.SINGLE, key)).isEqualTo(-1);
    }

    @Test
    void itemsOfOthersAreNotOfThisRun() {
        assertThat(new ItemNames("bench-y").number(Phase.MANY, names.key(Phase.MANY, 1)))
                .isEqualTo(-1);
        assertThat(names.number(Phase.MANY, "my-item".getBytes(UTF_8))).isEqualTo(-1);
    }
}
