package io.residua.indexer.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.index.IndexFile;
import io.residua.common.index.ItemIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateAppendTest extends GenerateHarness {
    private static final float[] AT_A0_B0 = {-10, 0, 1};
    private static final float[] AT_A1_B2 = {10, 2, 1};

    private Path published;
    private Path index;

    @BeforeEach
    void publish() throws IOException {
        published = folder.resolve("published.json");
        index = folder.resolve("index.json");
        Files.writeString(published, "{\"0\":[\"<a_0>\",\"<b_0>\"],\"7\":[\"<a_1>\",\"<b_1>\"]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sinkhorn", "optimal"})
    void publishedItemsStayAndNewOnesGetOtherCodes(String strategy) throws IOException {
        // When
        int status = append(List.of(AT_A0_B0, AT_A0_B0, AT_A1_B2), "--strategy", strategy);

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(Files.readString(index))
                .isEqualTo("{\"0\":[\"<a_0>\",\"<b_0>\"],\"7\":[\"<a_1>\",\"<b_1>\"],\"8\":[\"<a_0>\",\"<b_1>\"],"
                        + "\"9\":[\"<a_0>\",\"<b_2>\"],\"10\":[\"<a_1>\",\"<b_2>\"]}");
        assertThat(out.toString())
                .contains(
                        "Items:                     5",
                        "Appended Items:            3",
                        "Distinct Codes:            3 -> 5",
                        "Largest Group:             3 -> 1",
                        "Moved Items:               2");
    }

    @Test
    void whatAFullPrefixCannotTakeGoesToTheNextOne() throws IOException {
        // When
        int status = append(List.of(AT_A0_B0, AT_A0_B0, AT_A0_B0));

        // Then
        assertThat(status).as(err.toString()).isZero();
        ItemIndex items = IndexFile.read(index);
        assertThat(IntStream.range(2, 5).map(item -> items.code(item)[0])).containsExactlyInAnyOrder(0, 0, 1);
        assertUnique(items);
        assertThat(out.toString()).contains("Spilled Items:             1");
    }

    @Test
    void nothingIsWrittenWhereARowFindsNoFreeCode() throws IOException {
        // When
        int status = append(Collections.nCopies(5, AT_A0_B0));

        // Then
        assertThat(status).isEqualTo(1);
        assertThat(err.toString())
                .hasLineCount(1)
                .contains("1 items found no free code within reach, '12' first: nothing was written");
        assertThat(out.toString()).isEmpty();
        assertThat(index).doesNotExist();
    }

    @Test
    void appendingToWhatWasAppendedKeepsAllThatWasThere() throws IOException {
        // Given
        assertThat(append(List.of(AT_A0_B0, AT_A1_B2))).isZero();
        String first = Files.readString(index);

        // When: the index is its own successor
        published = index;
        int status = append(List.of(AT_A1_B2, AT_A0_B0));

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(Files.readString(index)).startsWith(first.substring(0, first.length() - 1));
        ItemIndex items = IndexFile.read(index);
        assertThat(items.ids()).containsExactly("0", "7", "8", "9", "10", "11");
        assertUnique(items);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "sku-1"})
    void appendingNothingLeavesTheIndexAsItIs(String id) throws IOException {
        // Given
        Files.writeString(published, "{\"" + id + "\":[\"<a_0>\",\"<b_0>\"]}");
        Path none = npy("none.npy", 3, List.of());
        MODEL.write(folder.resolve("model"));

        // When
        int status = execute(none, index, "--append", published.toString());

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(index).hasSameTextualContentAs(published);
        assertThat(out.toString()).contains("Appended Items:            0");
    }

    @Test
    void appendingToAnEmptyIndexMakesANewOne() throws IOException {
        // Given
        Files.writeString(published, "{}");

        // When
        int status = append(List.of(AT_A0_B0));

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(Files.readString(index)).isEqualTo("{\"0\":[\"<a_0>\",\"<b_0>\"]}");
    }

    @Test
    void newItemsAreNamedByTheirIds() throws IOException {
        // Given
        Files.writeString(published, "{\"sku-1\":[\"<a_0>\",\"<b_0>\"]}");
        Path ids = Files.writeString(folder.resolve("ids.txt"), "sku-2\r\nsku \"3\"");

        // When
        int status = append(List.of(AT_A0_B0, AT_A1_B2), "--ids", ids.toString());

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(IndexFile.read(index).ids()).containsExactly("sku-1", "sku-2", "sku \"3\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'0':['<a_0>']} | is an index of another model: its codes have 1 levels, the model has 2",
                "{'0':['<a_0>','<b_3>']} | is an index of another model: item '0' has code 3 at level 1, where the model has 3 entries",
                "{'0':['<a_0>','<b_1>'],'1':['<a_0>','<b_1>']} | items '0' and '1' share a code, expected an index without collisions",
                "{'0':['<a_0>','b_1']} | is no index: item '0' has b_1 where a token like <b_0> was expected",
                "{'0':['<a_0>','<b_1>'],'0':['<a_0>','<b_2>']} | Duplicate field '0'",
                "{'x1':['<a_0>','<b_1>']} | has item 'x1', which is no row's number: name the new items with --ids",
                "{'007':['<a_0>','<b_1>']} | has item '007', which is no row's number: name the new items with --ids",
                "[] | is no index: it does not begin with '{'"
            })
    void indexThatCannotBeAppendedToIsSaidInOneLine(String content, String reason) throws IOException {
        // Given
        Files.writeString(published, content.replace('\'', '"'));

        // When
        int status = append(List.of(AT_A0_B0));

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("generate: " + published)
                .hasLineCount(1)
                .contains(reason);
        assertThat(index).doesNotExist();
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefused() throws IOException {
        // Given
        Path ids = Files.writeString(folder.resolve("ids.txt"), "0\n");
        MODEL.write(folder.resolve("model"));

        // When / Then
        assertThat(append(List.of(AT_A0_B0), "--strategy", "reference")).isEqualTo(2);
        assertThat(execute("--ckpt_path", folder.resolve("model") + "", "--append", published + ""))
                .isEqualTo(2);
        assertThat(append(List.of(AT_A0_B0), "--ids", ids.toString())).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "generate: --append and --strategy reference exclude each other: the reference moves published"
                                + " codes",
                        "generate: --append needs --data_path or --data_paths, the file with the new rows",
                        "generate: item '0' of --ids is in " + published + " already");
    }

    private int append(List<float[]> rows, String... more) throws IOException {
        String[] options = Arrays.copyOf(more, more.length + 2);
        options[more.length] = "--append";
        options[more.length + 1] = published.toString();
        return run(npy(rows), index, options);
    }

    private static void assertUnique(ItemIndex items) {
        assertThat(IntStream.range(0, items.size())
                        .mapToObj(item -> Arrays.toString(items.code(item)))
                        .toList())
                .doesNotHaveDuplicates();
    }
}
