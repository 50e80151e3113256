package io.residua.trainer.track;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * An event file that grows by whole records, about once a second. TensorBoard reads the files of a folder in the order
 * of their names, so a new one is always named to be the last. Usable by several threads.
 */
final class EventFile {
    private static final String PREFIX = "events.out.tfevents.";
    private static final Duration FLUSH_EVERY = Duration.ofSeconds(1);

    private final OutputStream out;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private long flushed = System.nanoTime();

    private EventFile(OutputStream out) {
        this.out = out;
    }

    /** Begins a file behind all others of the folder. */
    static EventFile create(Path folder) throws IOException {
        List<Path> earlier = list(folder);
        long second = Instant.now().getEpochSecond();
        if (!earlier.isEmpty()) {
            second = Math.max(second, second(earlier.get(earlier.size() - 1)) + 1);
        }
        Path file = folder.resolve(PREFIX + "%010d.residua".formatted(second));
        return new EventFile(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /** The event files of a folder, oldest first. */
    static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(PREFIX))
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static long second(Path file) {
        String digits = file.getFileName().toString().substring(PREFIX.length()).replaceFirst("\\D.*", "");
        return digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    /** Takes an event. It is in the file after a second at most, if events keep coming, or else by {@link #flush}. */
    synchronized void add(byte[] event) throws IOException {
        waiting.writeBytes(TfRecordFormat.frame(event));
        if (System.nanoTime() - flushed >= FLUSH_EVERY.toNanos()) {
            flush();
        }
    }

    synchronized void flush() throws IOException {
        waiting.writeTo(out);
        waiting.reset();
        flushed = System.nanoTime();
    }

    synchronized void close() throws IOException {
        flush();
        out.close();
    }
}
