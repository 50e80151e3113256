package io.residua.stack.tour;

import java.io.PrintStream;
import java.util.Optional;

public final class Tour {
    private final Object o;

    public Tour(Sample s, String b, PrintStream out) {
        o = s.toString() + b;
        out.println(o);
    }

    public Optional<String> run() {
        return o == null ? Optional.of("x") : Optional.empty();
    }
}
