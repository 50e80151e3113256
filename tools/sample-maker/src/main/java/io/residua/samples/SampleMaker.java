package io.residua.samples;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.dictionary.Dictionary;

/**
 * Makes the sample of WordNet nouns: {@code items.tsv} and {@code embeddings.f16.npy} in the folder named by the only
 * argument. Row i of the embeddings belongs to line i of the items.
 */
public final class SampleMaker {
    private static final long SEED = 20111;
    private static final int CHUNK = 250;

    private SampleMaker() {}

    /** Makes the sample in the folder {@code args[0]}. */
    public static void main(String[] args) throws IOException, JWNLException {
        if (args.length != 1) {
            throw new IllegalArgumentException("expected the folder to write to as the only argument");
        }
        Path folder = Files.createDirectories(Path.of(args[0]));
        List<Item> items = Nouns.choose(Dictionary.getDefaultResourceInstance(), SEED);
        List<float[]> embeddings = embed(items);
        Files.write(
                folder.resolve("items.tsv"), items.stream().map(Item::toLine).toList());
        HalfMatrix.write(folder.resolve("embeddings.f16.npy"), embeddings);
        System.out.println(items.size() + " items in " + folder);
    }

    /** Mean-pooled, normalised embeddings [items × 384], one forward pass per text. */
    private static List<float[]> embed(List<Item> items) {
        ExecutorService executor =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            EmbeddingModel model = new AllMiniLmL6V2EmbeddingModel(executor);
            List<float[]> embeddings = new ArrayList<>(items.size());
            for (int from = 0; from < items.size(); from += CHUNK) {
                List<TextSegment> texts = items.subList(from, Math.min(from + CHUNK, items.size())).stream()
                        .map(item -> TextSegment.from(item.text()))
                        .toList();
                model.embedAll(texts).content().stream().map(Embedding::vector).forEach(embeddings::add);
                System.out.println("embedded " + embeddings.size() + " of " + items.size());
            }
            return embeddings;
        } finally {
            executor.shutdown();
        }
    }
}
