package io.residua.trainer.model;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A function in TorchScript: many small operations for the price of one call, and fused ones that DJL does not have. It
 * is written here as text and loaded from a TorchScript archive made on the fly: a zip file with the text and the
 * pickle of an object without state.
 */
final class TorchScript {
    private static final String FOLDER = "script/";
    private static final String CLASS = """
            class Script(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def forward(self: __torch__.Script,
            """;
    /** Protocol 2: an object of class {@code __torch__.Script} whose {@code training} is false. */
    private static final String OBJECT =
            "\u0080\u0002c__torch__\nScript\nq\u0000)\u0081}(X\b\u0000\u0000\u0000trainingq\u0001\u0089ubq\u0002.";
    /** Protocol 2: an empty tuple. */
    private static final String NOTHING = "\u0080\u0002).";

    private final PtSymbolBlock block;

    /**
     * Compiles a function.
     *
     * @param parameters its parameters, each {@code name: type}
     * @param body its lines, the last of which returns a list of tensors
     */
    TorchScript(NDManager manager, String parameters, String body) {
        String code = CLASS + "    " + parameters + ") -> List[Tensor]:\n" + body.indent(4);
        try {
            ByteArrayInputStream archive = new ByteArrayInputStream(archive(code));
            block = JniUtils.loadModule((PtNDManager) manager, archive, false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a function compiles: not every build of PyTorch has every operator. */
    static boolean compiles(NDManager manager, String parameters, String body) {
        try {
            new TorchScript(manager, parameters, body).block.close();
            return true;
        } catch (EngineException e) {
            return false;
        }
    }

    /**
     * Calls the function; it changes its arguments in place where it says so. An array that threads pass at the same time
     * must be at the same place among the arguments of each: its name says where it belongs.
     *
     * @param arguments in the order of the parameters, each an {@code NDArray}, or an {@code NDList} where a list of
     *     tensors is expected
     * @return what it returns, beside the first argument
     */
    NDList run(Object... arguments) {
        NDList flat = new NDList();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof NDArray array) {
                array.setName(null);
                flat.add(array);
            } else {
                // Neighbours of one name that ends in brackets are passed as a list.
                for (NDArray array : (NDList) arguments[i]) {
                    array.setName(i + "[]");
                    flat.add(array);
                }
            }
        }
        // Not as inference: what that returns can never be changed in place.
        return IValueUtils.forward(block, flat, true);
    }

    private static byte[] archive(String code) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "version", "3\n");
            store(zip, "data.pkl", OBJECT);
            store(zip, "constants.pkl", NOTHING);
            store(zip, "code/__torch__.py", code);
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        ZipEntry entry = new ZipEntry(FOLDER + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
