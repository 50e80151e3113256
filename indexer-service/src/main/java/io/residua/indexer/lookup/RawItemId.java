package io.residua.indexer.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Takes item ids out of paths before anybody normalises them: an id may be {@code ..}, or hold slashes, plain or as
 * {@code %2F}. The id is what the percent-encoded bytes decode to, whatever they are.
 */
public class RawItemId {
    private static final String KEY = "residua.item-id";
    private static final Pattern PATH = Pattern.compile("/generations/([^/]+)/items/(.+)");
    /** What the resource's path has in place of the id. */
    private static final String PLACEHOLDER = "id";

    /** Notes the id of a request for an item and puts a placeholder in its path. */
    @ServerRequestFilter(preMatching = true)
    public void extract(ContainerRequestContext context, RoutingContext routing) {
        Matcher path = PATH.matcher(routing.request().path());
        if (path.matches()) {
            decode(path.group(2)).ifPresent(id -> routing.put(KEY, id));
            context.setRequestUri(URI.create("/generations/" + path.group(1) + "/items/" + PLACEHOLDER));
        }
    }

    /** The id's bytes that the path of a request for an item has; nothing if they cannot be decoded. */
    static Optional<byte[]> of(RoutingContext routing) {
        return Optional.ofNullable(routing.get(KEY));
    }

    /** The bytes of a percent-encoded text; nothing if a percent sign is not followed by two hexadecimal digits. */
    static Optional<byte[]> decode(String encoded) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c != '%') {
                // The server reads each byte of a path that is not ASCII as one character.
                bytes.writeBytes(
                        c <= 0xFF
                                ? new byte[] {(byte) c}
                                : Character.toString(c).getBytes(UTF_8));
                continue;
            }
            int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(encoded.charAt(i + 2), 16);
            if (low < 0) {
                return Optional.empty();
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return Optional.of(bytes.toByteArray());
    }
}
