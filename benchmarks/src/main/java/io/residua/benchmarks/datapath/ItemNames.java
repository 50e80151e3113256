package io.residua.benchmarks.datapath;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The ids of the items that a run sends: {@code <run>-<phase>-<number>}, so that each is known by its key alone. */
final class ItemNames {
    private final String run;

    /** Names that begin with {@code run}, which no other run has. */
    ItemNames(String run) {
        this.run = run;
    }

    /** What the items are sent for. */
    enum Phase {
        /** Before anything is measured. */
        WARM_UP,
        /** For the rate. */
        MANY,
        /** One by one, with no other load. */
        SINGLE,
        /** The load beside single items. */
        BACKGROUND,
        /** One by one beside that load. */
        LOADED
    }

    byte[] key(Phase phase, long number) {
        return (prefix(phase) + number).getBytes(UTF_8);
    }

    /** The number of the item with this key; −1 if it is not of this run and phase. */
    int number(Phase phase, byte[] key) {
        String id = new String(key, UTF_8);
        String prefix = prefix(phase);
        return id.startsWith(prefix) ? Integer.parseInt(id.substring(prefix.length())) : -1;
    }

    private String prefix(Phase phase) {
        return run + "-" + phase.ordinal() + "-";
    }
}
