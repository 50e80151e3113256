package io.residua.common.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are of PyTorch 1.13 and 2.9.1, in {@code pytorch} made by the script there. */
class CheckpointReadTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path PYTORCH = Path.of("src/test/resources/pytorch");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"model_sk0.pth", "model_sk003.pth", "model_sk0_last01.pth"})
    void referencesCheckpointIsReadToTheLastBit(String file) throws IOException {
        // Given
        JsonNode expected = new ObjectMapper()
                .readTree(GOLDEN.resolve("weights.json").toFile())
                .get("state_dict");

        // When
        Checkpoint checkpoint = Checkpoint.read(GOLDEN.resolve(file));

        // Then
        assertThat(checkpoint.network().shape().layers()).containsExactly(12, 8);
        assertThat(checkpoint.network().shape().codebookSizes()).containsExactly(5, 5, 5);
        assertThat(checkpoint.network().batchNorm()).isFalse();
        assertThat(checkpoint.tensors()).hasSize(expected.size());
        expected.properties().forEach(weight -> assertThat(
                        checkpoint.tensors().get(weight.getKey()).floats())
                .as(weight.getKey())
                .containsExactly(floats(weight.getValue().get("data"))));
    }

    @Test
    void optionsAndFiguresBesideTheWeightsAreKept() throws IOException {
        // When
        Map<String, String> metadata =
                Checkpoint.read(PYTORCH.resolve("bn.pth")).metadata();

        // Then
        assertThat(metadata)
                .containsEntry("epoch", "19")
                .containsEntry("best_loss", "0.625")
                .containsEntry("best_collision_rate", "0.125")
                .doesNotContainKeys("optimizer", "state_dict");
        JsonNode args = new ObjectMapper().readTree(metadata.get("args"));
        assertThat(args.get("bn").asBoolean()).isTrue();
        assertThat(args.get("beta").asDouble()).isEqualTo(0.25);
        assertThat(args.get("sk_epsilons").toString()).isEqualTo("[0.0,0.003]");
        assertThat(args.get("device").asText()).isEqualTo("cuda:0");
    }

    @ParameterizedTest
    @CsvSource({
        "bn.pth, bn.safetensors, true",
        "bn-torch1.pth, bn.safetensors, true",
        "no-beta.pth, plain.safetensors, false",
        "cuda.pth, plain.safetensors, false",
        "state-dict.pth, plain.safetensors, false",
        "views.pth, plain.safetensors, false",
        "types.pth, types.expected.safetensors, false",
        "types.safetensors, types.expected.safetensors, false"
    })
    void whateverTorchSavedIsReadAsTorchWouldReadIt(String file, String expected, boolean batchNorm)
            throws IOException {
        // When
        Checkpoint checkpoint = Checkpoint.read(PYTORCH.resolve(file));

        // Then
        assertThat(checkpoint.network().shape().dim()).isEqualTo(6);
        assertThat(checkpoint.network().shape().layers()).containsExactly(5, 4);
        assertThat(checkpoint.network().shape().eDim()).isEqualTo(3);
        assertThat(checkpoint.network().shape().codebookSizes()).containsExactly(4, 3);
        assertThat(checkpoint.network().batchNorm()).isEqualTo(batchNorm);
        Map<String, Tensor> tensors =
                Safetensors.read(PYTORCH.resolve(expected)).tensors();
        assertThat(checkpoint.tensors()).containsOnlyKeys(tensors.keySet());
        tensors.forEach((name, tensor) -> {
            assertThat(checkpoint.tensors().get(name).toString()).as(name).isEqualTo(tensor.toString());
            assertThat(checkpoint.tensors().get(name).bytes()).as(name).isEqualTo(tensor.bytes());
        });
    }

    @Test
    void writtenCheckpointIsReadBack() throws IOException {
        // Given
        Checkpoint original = Checkpoint.read(PYTORCH.resolve("bn.pth"));
        Path file = folder.resolve("any.name");

        // When
        original.write(file);

        // Then
        Checkpoint again = Checkpoint.read(file);
        assertThat(again.network()).isEqualTo(original.network());
        assertThat(again.metadata()).containsAllEntriesOf(original.metadata());
        original.tensors()
                .forEach((name, tensor) ->
                        assertThat(again.tensors().get(name).bytes()).isEqualTo(tensor.bytes()));
    }

    @Test
    void nothingInAPickleIsRun() {
        // When / Then
        assertThatThrownBy(() -> Checkpoint.read(PYTORCH.resolve("hostile.pth")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("hostile.pth")
                .hasMessageContaining("it holds posix.system, but only tensors");
        assertThat(Path.of("residua-was-here")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({
        "java.lang.Runtime, exec",
        "builtins, eval",
        "builtins, bytearray",
        "decimal, Decimal",
        "torch.storage, _load_from_bytes",
        "torch, load"
    })
    void typesOffTheListAreRefusedByName(String module, String name) throws IOException {
        // Given
        Path file = archive(("\u0080\u0002c" + module + "\n" + name + "\nU\u00011\u0085R.").getBytes("latin1"));

        // When / Then
        assertThatThrownBy(() -> Checkpoint.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("it holds " + module + "." + name + ",");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "whole-module.pth | it holds __main__.RqVae, but only tensors",
                "other-model.pth | is no checkpoint of an RQ-VAE: expected tensors encoder.mlp_layers.1.weight",
                "other-model.pth | but it has bias, weight",
                "before-1.6.pth | is a bare pickle, as PyTorch wrote before 1.6",
                "script.pth | it is a TorchScript archive, expected what torch.save wrote",
                "bn.expected.safetensors | is no checkpoint of an RQ-VAE: expected tensors",
                "make_checkpoints.py | is no checkpoint: expected a safetensors file, or a .pth file",
                "none.pth | does not exist",
                ". | checkpoint.safetensors does not exist"
            })
    void whatIsNoCheckpointIsSaidInOneLine(String file, String message) {
        // When / Then
        assertThatThrownBy(() -> Checkpoint.read(PYTORCH.resolve(file)))
                .isInstanceOf(IOException.class)
                .message()
                .startsWith(PYTORCH.resolve(file).toString())
                .contains(message)
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bn.pth", "bn.safetensors", "before-1.6.pth"})
    void fileWrittenInPartIsRefused(String file) throws IOException {
        // Given
        byte[] whole = Files.readAllBytes(PYTORCH.resolve(file));
        Path part = folder.resolve("part.pth");

        for (int length = 0; length < whole.length; length += 1 + whole.length / 300) {
            // When
            Files.write(part, Arrays.copyOf(whole, length));

            // Then
            assertThatThrownBy(() -> Checkpoint.read(part))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(part.toString());
        }
    }

    @Test
    void damagedPickleIsReadOrRefusedButNothingElse() throws IOException {
        // Given
        Map<String, byte[]> files = unzip(PYTORCH.resolve("bn.pth"));
        byte[] pickle = files.get("bn/data.pkl");
        SplittableRandom random = new SplittableRandom(5);
        int refused = 0;

        for (int i = 0; i < 1_000; i++) {
            byte[] damaged = pickle.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            files.put("bn/data.pkl", damaged);
            Path file = zip(files);
            try {
                // When
                Checkpoint.read(file);
            } catch (IOException e) {
                // Then
                assertThat(e).hasMessageStartingWith(file.toString());
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(200);
    }

    @Test
    void lengthBeyondThePickleTakesNoMemory() throws IOException {
        // Given
        byte[] pickle = {(byte) 0x80, 2, (byte) 0x8e, 0, 0, 0, 0x7f, 0, 0, 0, 0, '.'};

        // When / Then
        assertThatThrownBy(() -> Checkpoint.read(archive(pickle))).hasMessageContaining("its pickle ends too early");
    }

    @Test
    void storagesThatAreMissingOrTooShortAreNamed() throws IOException {
        // Given
        Map<String, byte[]> files = unzip(PYTORCH.resolve("state-dict.pth"));
        Map<String, byte[]> missing = new HashMap<>(files);
        missing.remove("state-dict/data/3");
        Map<String, byte[]> tooShort = new HashMap<>(files);
        tooShort.put("state-dict/data/0", new byte[4 * 29]);

        // When / Then
        assertThatThrownBy(() -> Checkpoint.read(zip(missing)))
                .hasMessageContaining("tensor 'encoder.mlp_layers.4.bias' has no storage: data/3 is missing");
        assertThatThrownBy(() -> Checkpoint.read(zip(tooShort)))
                .hasMessageContaining(
                        "tensor 'encoder.mlp_layers.1.weight' has size [5, 6], stride [6, 1] and offset 0,"
                                + " but its storage has 29 elements");
    }

    @Test
    void bigEndianStoragesAreTurned() throws IOException {
        // Given
        Map<String, byte[]> files = unzip(PYTORCH.resolve("state-dict.pth"));
        files.replaceAll((name, bytes) -> name.contains("/data/") ? reversed(bytes, 4) : bytes);
        files.put("state-dict/byteorder", "big".getBytes("latin1"));

        // When
        Checkpoint checkpoint = Checkpoint.read(zip(files));

        // Then
        Checkpoint expected = Checkpoint.read(PYTORCH.resolve("state-dict.pth"));
        expected.tensors()
                .forEach((name, tensor) ->
                        assertThat(checkpoint.tensors().get(name).bytes()).isEqualTo(tensor.bytes()));
    }

    @Test
    void weightsThatNoNetworkHasAreNamed() throws IOException {
        // Given
        Map<String, Tensor> foreign = plain();
        foreign.put("rq.head.weight", Tensor.of(new float[2], 2));
        Map<String, Tensor> gap = plain();
        gap.remove("decoder.mlp_layers.4.weight");
        Map<String, Tensor> broken = plain();
        broken.put("decoder.mlp_layers.7.bias", Tensor.of(new float[] {0, 0, Float.NaN, 0, 0, 0}, 6));

        // When / Then
        refused(foreign, "tensor 'rq.head.weight' is none of the network's");
        refused(gap, "tensor 'decoder.mlp_layers.4.weight' is missing, expected F32[5, 4]");
        refused(broken, "tensor 'decoder.mlp_layers.7.bias' holds NaN");
    }

    private void refused(Map<String, Tensor> tensors, String message) throws IOException {
        Path file = folder.resolve("refused.safetensors");
        Safetensors.write(file, tensors, Map.of());
        assertThatThrownBy(() -> Checkpoint.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file + " is no checkpoint of an RQ-VAE: " + message);
    }

    private static Map<String, Tensor> plain() throws IOException {
        return new LinkedHashMap<>(
                Safetensors.read(PYTORCH.resolve("plain.safetensors")).tensors());
    }

    private static float[] floats(JsonNode data) {
        float[] floats = new float[data.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) data.get(i).asDouble();
        }
        return floats;
    }

    private Path archive(byte[] pickle) throws IOException {
        return zip(Map.of("x/data.pkl", pickle));
    }

    private Path zip(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : files.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return Files.write(folder.resolve("made.pth"), bytes.toByteArray());
    }

    private static Map<String, byte[]> unzip(Path file) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : List.copyOf(zip.stream().toList())) {
                files.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return files;
    }

    private static byte[] reversed(byte[] bytes, int width) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[i / width * width + width - 1 - i % width];
        }
        return reversed;
    }
}
