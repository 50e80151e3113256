package io.residua.common.artifact;

import java.net.URI;
import java.nio.file.Path;

/** Opens the store at a configured root. */
public final class ArtifactStores {
    private ArtifactStores() {}

    /**
     * The store at {@code root}.
     *
     * @param root path of a directory, or its {@code file:} URI
     * @throws IllegalArgumentException if it is a URI of another scheme, or no path
     */
    public static ArtifactStore open(String root) {
        if (root.isBlank()) {
            throw new IllegalArgumentException("artifact root is empty, expected a path or a file: URI");
        }
        if (!root.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
            return new DirectoryArtifactStore(Path.of(root));
        }
        URI uri = URI.create(root);
        return switch (uri.getScheme()) {
            case "file" -> new DirectoryArtifactStore(Path.of(uri));
            default ->
                throw new IllegalArgumentException("artifact root is '" + root + "', expected a path or a file: URI");
        };
    }
}
