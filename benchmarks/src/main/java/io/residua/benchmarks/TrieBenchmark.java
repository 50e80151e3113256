package io.residua.benchmarks;

import io.residua.common.io.DurableFiles;
import io.residua.common.trie.CodeRows;
import io.residua.common.trie.StaticTrie;
import io.residua.common.trie.TrieMetadata;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How long the trie of random codes takes from unsorted rows to the file on disk, in this process's first run and when it
 * is compiled; beside writing a file of that size.
 */
@Command(name = "trie", description = "Measures how a trie is built and written.", mixinStandardHelpOptions = true)
final class TrieBenchmark implements Callable<Integer> {
    private static final int MAX_ITEMS = 50_000_000;
    private static final int ROUNDS = 5;

    @Option(names = "--items", defaultValue = "1000000", description = "Codes (default: ${DEFAULT-VALUE}).")
    private int items;

    @Option(names = "--levels", defaultValue = "4", description = "Entries per code (default: ${DEFAULT-VALUE}).")
    private int levels;

    @Option(
            names = "--codebook-size",
            defaultValue = "256",
            description = "Entries per level, and the vocabulary (default: ${DEFAULT-VALUE}).")
    private int codebookSize;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (items < 1 || items > MAX_ITEMS) {
            throw new ParameterException(spec.commandLine(), "--items is " + items + ", expected 1 to " + MAX_ITEMS);
        }
        List<Integer> sizes = Collections.nCopies(levels, codebookSize);
        CodeRows codes = randomCodes();
        Path folder = Files.createTempDirectory("residua-trie");
        try {
            Path file = folder.resolve("trie.safetensors");
            double first = seconds(() -> write(codes, sizes, file));
            double best = first;
            double limit = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                best = Math.min(best, seconds(() -> write(codes, sizes, file)));
                limit = Math.min(limit, seconds(() -> copy(file, folder.resolve("limit"))));
            }
            System.out.printf(
                    Locale.ROOT,
                    "trie of %d codes, %d levels of %d: %.1f MB%n  first run %.2f s, then %.2f s;"
                            + " the limit, writing such a file: %.3f s (x %.1f)%n",
                    items,
                    levels,
                    codebookSize,
                    Files.size(file) / 1e6,
                    first,
                    best,
                    limit,
                    best / limit);
        } finally {
            DurableFiles.deleteFolder(folder);
        }
        return 0;
    }

    private interface Step {
        void run() throws IOException;
    }

    private static double seconds(Step step) throws IOException {
        long start = System.nanoTime();
        step.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static void write(CodeRows codes, List<Integer> sizes, Path file) throws IOException {
        TrieMetadata metadata = TrieMetadata.of(sizes);
        StaticTrie.of(codes, sizes, metadata.largestCodebook()).write(file, metadata);
    }

    private static void copy(Path file, Path target) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private CodeRows randomCodes() {
        Random random = new Random(1);
        CodeRows codes = new CodeRows(levels);
        int[] code = new int[levels];
        for (int item = 0; item < items; item++) {
            for (int level = 0; level < levels; level++) {
                code[level] = random.nextInt(codebookSize);
            }
            codes.add(code, 0);
        }
        return codes;
    }
}
