package io.residua.indexer.generation;

/**
 * A generation as health checks and people see it.
 *
 * @param modelVersion the model
 * @param state {@code building} or {@code ready}
 * @param done records answered of those that were there at the opening
 * @param total how many were there
 * @param codesTopic where the codes are
 * @param device where the encoder runs: {@code cpu} or {@code cuda:N}
 * @param tasks how many of its tasks run on this replica
 */
public record GenerationView(
        String modelVersion, String state, long done, long total, String codesTopic, String device, int tasks) {
    static GenerationView of(Generation generation) {
        String version = generation.modelVersion();
        String codes = generation.topics().codes();
        String device = generation.device().toString();
        if (generation.state() instanceof GenerationState.Building building) {
            return new GenerationView(
                    version, "building", building.done(), building.total(), codes, device, generation.tasks());
        }
        long total = ((GenerationState.Ready) generation.state()).total();
        return new GenerationView(version, "ready", total, total, codes, device, generation.tasks());
    }
}
