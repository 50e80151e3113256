package io.residua.evaluator.dashboard;

import static io.residua.evaluator.TestItems.TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.IndexMetrics;
import io.residua.evaluator.TestItems;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsViewTest {
    private final MetricsView view = new MetricsView(2);

    @Test
    void keepsTheNewestOfEveryModelInOrder() {
        // Given
        view.show("b", metrics(1));
        view.show("a", metrics(2));

        // When
        view.show("b", metrics(3));

        // Then
        assertThat(view.newest()).containsExactly(metrics(2), metrics(3));
    }

    @Test
    void historyIsBounded() {
        // When
        view.show("a", metrics(1));
        view.show("a", metrics(2));
        view.show("a", metrics(3));

        // Then
        assertThat(view.history("a")).containsExactly(metrics(2), metrics(3));
    }

    @Test
    void deletedMetricsAreForgotten() {
        // Given
        view.show("a", metrics(1));

        // When
        view.show("a", null);

        // Then
        assertThat(view.newest()).isEmpty();
        assertThat(view.history("a")).isEmpty();
    }

    @Test
    void historyOfNothingIsRefused() {
        // When / Then
        assertThatThrownBy(() -> new MetricsView(0)).hasMessage("residua.evaluator.history is 0, expected at least 1");
    }

    private static IndexMetrics metrics(int second) {
        return TestItems.recount(List.of(), TIME.plusSeconds(second));
    }
}
