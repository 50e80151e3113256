package io.residua.indexer.generation;

import io.residua.indexer.generation.GenerationState.Building;
import io.residua.indexer.generation.GenerationState.Paused;
import io.residua.indexer.generation.GenerationState.Ready;

/**
 * A generation in health checks and REST replies.
 *
 * @param modelVersion the model
 * @param state {@code building}, {@code paused} or {@code ready}
 * @param done records answered of those that were there at the opening
 * @param total how many were there
 * @param coded items that have a code, on all replicas together
 * @param refused items without a free code
 * @param codesTopic where the codes are
 * @param device where the encoder runs: {@code cpu} or {@code cuda:N}
 * @param tasks how many of its tasks run on this replica
 */
public record GenerationView(
        String modelVersion,
        String state,
        long done,
        long total,
        long coded,
        long refused,
        String codesTopic,
        String device,
        int tasks) {
    static GenerationView of(Generation generation) {
        GenerationState state = generation.state();
        long done = 0;
        long total = 0;
        if (state instanceof Building building) {
            done = building.done();
            total = building.total();
        } else if (state instanceof Paused paused) {
            done = paused.done();
            total = paused.total();
        } else if (state instanceof Ready ready) {
            done = ready.total();
            total = ready.total();
        }
        return new GenerationView(
                generation.modelVersion(),
                state.label(),
                done,
                total,
                generation.items().coded(),
                generation.items().refused(),
                generation.topics().codes(),
                generation.pipeline().device().toString(),
                generation.pipeline().tasks());
    }
}
