package io.residua.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Optional;

/** HTTP on ports of localhost. */
final class LocalHttp {
    private static final int TIMEOUT_MILLIS = 2_000;

    private LocalHttp() {}

    /** A port that nothing listens on. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port: " + e.getMessage(), e);
        }
    }

    /** The answer to GET {@code path}; empty unless its status is 200. */
    static Optional<String> get(int port, String path) {
        try {
            HttpURLConnection connection = connect(port, path, TIMEOUT_MILLIS);
            if (connection.getResponseCode() != 200) {
                return Optional.empty();
            }
            return Optional.of(new String(connection.getInputStream().readAllBytes(), UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The status of a request without a body, which may take half a minute. */
    static int request(int port, String method, String path) throws IOException {
        HttpURLConnection connection = connect(port, path, 15 * TIMEOUT_MILLIS);
        connection.setRequestMethod(method);
        return connection.getResponseCode();
    }

    private static HttpURLConnection connect(int port, String path, int readTimeoutMillis) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(readTimeoutMillis);
        return connection;
    }
}
