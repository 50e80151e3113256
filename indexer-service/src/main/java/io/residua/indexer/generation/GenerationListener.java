package io.residua.indexer.generation;

import io.residua.common.event.IndexIdentity.TopicIdentity;
import java.util.List;

/** Follows the generations of this replica. Called by the control loop's thread, which a call must not hold up. */
public interface GenerationListener {
    /** A generation runs here from now on. */
    void onOpened(OpenedGeneration generation);

    /** A generation no longer runs here. It may be opened again. */
    void onClosed(String modelVersion);

    /** A generation is retired and does not run here: what is kept of it can go. Repeated while its status is known. */
    void onRetired(String modelVersion);

    /**
     * What others need to know of a generation.
     *
     * @param modelVersion its model
     * @param codebookSizes entries per level, coarsest first
     * @param codes the topic of its codes, which exists
     */
    record OpenedGeneration(String modelVersion, List<Integer> codebookSizes, TopicIdentity codes) {}
}
