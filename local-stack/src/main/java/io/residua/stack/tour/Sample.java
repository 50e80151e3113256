package io.residua.stack.tour;

import java.nio.file.Path;

public record Sample(Path p) {
    public static Sample read(Path p) {
        return new Sample(p);
    }
}
