package io.residua.indexer.generation;

/**
 * A generation as health checks and people see it.
 *
 * @param modelVersion the model
 * @param state {@code building} or {@code ready}
 * @param done records answered of those that were there at the opening
 * @param total how many were there
 * @param codesTopic where the codes are
 */
public record GenerationView(String modelVersion, String state, long done, long total, String codesTopic) {
    static GenerationView of(Generation generation) {
        String version = generation.modelVersion();
        String codes = generation.topics().codes();
        if (generation.state() instanceof GenerationState.Building building) {
            return new GenerationView(version, "building", building.done(), building.total(), codes);
        }
        long total = ((GenerationState.Ready) generation.state()).total();
        return new GenerationView(version, "ready", total, total, codes);
    }
}
