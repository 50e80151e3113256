package io.residua.indexer;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.residua.common.process.ParentWatch;

/** Starts the service. */
@QuarkusMain
public final class IndexerMain {
    private IndexerMain() {}

    /** Runs until the process is told to stop. */
    public static void main(String[] args) {
        ParentWatch.exitWhenStdinCloses();
        Quarkus.run(args);
    }
}
