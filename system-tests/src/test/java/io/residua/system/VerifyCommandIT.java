package io.residua.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Resolution;
import io.residua.common.event.SemanticIds;
import io.residua.indexer.model.TinyModel;
import io.residua.system.Verifier.Verdict;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code verify} on topics that a test has written itself. */
class VerifyCommandIT {
    private static final String VERSION = "verified-model";
    private static final String CODES = "item-codes-" + VERSION;
    private static final TinyModel MODEL = new TinyModel(2, 2, new float[][] {{-10, 0, 10, 0}, {0, 0, 0, 1, 0, 2}});

    @TempDir
    private Path folder;

    private TestSystem system;

    @BeforeEach
    void createTopics() throws Exception {
        system = new TestSystem(folder, 1);
        for (String topic : List.of("item-embeddings", "models", "index-status", CODES)) {
            system.create(topic, 1, Map.of("cleanup.policy", "compact"));
        }
        system.create("item-embeddings-dlq", 1, Map.of());
        system.publish(MODEL, VERSION);
        system.embedRaw("a", new float[] {-10, 0});
        system.embedRaw("b", new float[] {-10, 0});
        announceCode("a", 0, 1, 0);
    }

    @AfterEach
    void stop() throws Exception {
        system.close();
    }

    @Test
    void cleanIndexEndsWithZeroAndATable() throws Exception {
        // Given
        announceState(IndexStatus.State.READY);
        announceCode("b", 1, 2, 1);

        // When
        Verdict verdict = verify();

        // Then
        assertThat(verdict.exitCode()).as(verdict.output()).isZero();
        assertThat(verdict.output().lines())
                .hasSize(4)
                .anySatisfy(line -> assertThat(line).matches(VERSION + " +2 +2 +0 +0 +2 +0"))
                .last()
                .isEqualTo("clean: every promise that the log can prove is kept");
    }

    @Test
    void sharedCodeEndsWithOneAndNamesBothItems() throws Exception {
        // Given
        announceState(IndexStatus.State.READY);
        announceCode("b", 0, 2, 1);

        // When
        Verdict verdict = verify("--wait", "2");

        // Then
        assertThat(verdict.exitCode()).as(verdict.output()).isEqualTo(1);
        assertThat(verdict.output().lines())
                .contains(VERSION + ": 1 code-held-twice")
                .contains(
                        "  code-held-twice  b: record 0@1 (code [0, 0], claim 2, embedding 0@1) after"
                                + " record 0@0 (code [0, 0], claim 1, embedding 0@0) of a, expected a later record of the first item")
                .last()
                .isEqualTo("NOT CLEAN, violations: 1");
    }

    @Test
    void buildingGenerationIsJudgedWhenItIsAskedFor() throws Exception {
        // Given
        announceState(IndexStatus.State.BUILDING);

        // When
        Verdict verdict = verify("--model", VERSION, "--json");

        // Then
        assertThat(verdict.exitCode()).as(verdict.output()).isEqualTo(1);
        assertThat(verdict.output())
                .contains("\"settled\" : false", "\"missing-code\" : 1", "\"item\" : \"b\"", "\"withCode\" : 1");
    }

    @Test
    void indexWithoutReadyGenerationIsBadInput() throws Exception {
        // Given
        announceState(IndexStatus.State.BUILDING);

        // When
        Verdict verdict = verify();

        // Then
        assertThat(verdict).isEqualTo(new Verdict(2, "verify: no generation is ready\n"));
    }

    @Test
    void retiredGenerationIsBadInput() throws Exception {
        // Given
        announceState(IndexStatus.State.RETIRED);

        // When
        Verdict verdict = verify("--model", VERSION);

        // Then
        assertThat(verdict)
                .isEqualTo(
                        new Verdict(2, "verify: generation " + VERSION + " is retired, expected ready or building\n"));
    }

    @Test
    void brokerThatIsNotThereIsBadInput() throws Exception {
        // Given
        String nowhere = "localhost:" + LocalHttp.freePort();

        // When
        Verdict verdict = Verifier.run(folder, nowhere);

        // Then
        assertThat(verdict.exitCode()).isEqualTo(2);
        assertThat(verdict.output().lines()).singleElement().asString().startsWith("verify: broker " + nowhere + ": ");
    }

    private Verdict verify(String... options) throws Exception {
        return Verifier.run(folder, system.bootstrapServers(), options);
    }

    private void announceState(IndexStatus.State state) throws Exception {
        system.announce(
                "index-status", VERSION, new IndexStatus(VERSION, state, CODES, null, 2, 2, null, Instant.now()));
    }

    private void announceCode(String item, int last, long claim, long sourceOffset) throws Exception {
        List<Integer> code = List.of(0, last);
        system.announce(
                CODES,
                item,
                new ItemCode(
                        item,
                        VERSION,
                        code,
                        SemanticIds.tokens(code),
                        code,
                        claim,
                        Resolution.NEAREST,
                        0,
                        0,
                        10,
                        0,
                        sourceOffset,
                        Instant.EPOCH,
                        Instant.EPOCH));
    }
}
