package io.residua.indexer.verify;

import io.residua.common.event.ModelManifest.ModelShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Verifies the history of an index. Takes the records of its topics, those of {@code item-embeddings} first, and
 * reports violations. The report can be repeated after more records of the other topics.
 */
final class IndexHistory {
    private final Map<Integer, Long> sourceEnds;
    private final KeyIndex items = new KeyIndex();
    private final Map<Integer, SourceHistory> sources = new HashMap<>();
    private final Map<String, CodeHistory> codes = new TreeMap<>();
    private final Map<String, SourceHistory> sourceOf = new HashMap<>();
    private final LetterHistory letters;
    private final Violations letterViolations = new Violations();

    /**
     * An empty history.
     *
     * @param sourceTopic whose dead letters count
     * @param sourceEnds where each of its partitions ended when the check began
     * @param shortenedLetters partitions of the dead-letter topic whose first letters retention has removed
     * @param models the generations to judge, and the shapes of their models
     */
    IndexHistory(
            String sourceTopic,
            Map<Integer, Long> sourceEnds,
            Set<Integer> shortenedLetters,
            Map<String, ModelShape> models) {
        this.sourceEnds = Map.copyOf(sourceEnds);
        this.letters = new LetterHistory(sourceTopic, items, shortenedLetters);
        models.forEach((version, shape) -> {
            SourceHistory source = sources.computeIfAbsent(shape.dim(), dim -> new SourceHistory(items, dim));
            sourceOf.put(version, source);
            codes.put(version, new CodeHistory(version, shape.codebookSizes(), source, items));
        });
    }

    void onEmbedding(ConsumerRecord<byte[], byte[]> record) {
        sources.values().forEach(source -> source.add(record));
    }

    void onCode(String modelVersion, ConsumerRecord<byte[], byte[]> record) {
        codes.get(modelVersion).add(record);
    }

    void onLetter(ConsumerRecord<byte[], byte[]> record) {
        letters.add(record, letterViolations);
    }

    VerifyReport report() {
        List<GenerationReport> generations = new ArrayList<>();
        codes.forEach((version, history) -> generations.add(report(version, history)));
        return new VerifyReport(generations, letters.size(), letters.aboutOtherTopics(), letterViolations);
    }

    private GenerationReport report(String version, CodeHistory history) {
        Violations violations = new Violations();
        NotJudged notJudged = new NotJudged();
        violations.addAll(history.violations());
        notJudged.addAll(history.notJudged());
        new HeldCodeCheck(history, items, violations).run();
        ItemCheck check =
                new ItemCheck(sourceOf.get(version), history, letters, items, sourceEnds, violations, notJudged);
        check.run();
        return new GenerationReport(
                version,
                check.live(),
                check.coded(),
                check.refused(),
                check.deleted(),
                history.size(),
                notJudged,
                violations);
    }
}
