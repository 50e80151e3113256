package io.residua.common.pytorch;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads the pickle in a checkpoint without running any of it: what it may build is on a closed list, {@link
 * PickledTypes}, and everything else is refused, the library's own constructors and its call of {@code __setstate__}
 * included.
 */
final class CheckpointUnpickler extends Unpickler {
    private final ByteArrayInputStream pickle;

    private CheckpointUnpickler(ByteArrayInputStream pickle) {
        this.pickle = pickle;
    }

    /**
     * Reads a pickle.
     *
     * @throws IOException saying what is wrong with it or refused in it
     */
    static Object read(byte[] pickle) throws IOException {
        ByteArrayInputStream stream = new ByteArrayInputStream(pickle);
        try {
            return new CheckpointUnpickler(stream).load(stream);
        } catch (PickleException e) {
            throw new IOException(e.getMessage(), e);
        } catch (RuntimeException | StackOverflowError e) {
            throw new IOException("its pickle is damaged", e);
        }
    }

    @Override
    protected Object dispatch(short opcode) throws IOException {
        switch (opcode) {
            case Opcodes.GLOBAL ->
                stack.add(PickledTypes.find(PickleUtils.readline(input), PickleUtils.readline(input)));
            case Opcodes.STACK_GLOBAL -> {
                String name = (String) stack.pop();
                stack.add(PickledTypes.find((String) stack.pop(), name));
            }
            case Opcodes.BUILD -> {
                Object state = stack.pop();
                PickledTypes.build(stack.peek(), state);
            }
            case Opcodes.INST, Opcodes.OBJ ->
                throw new PickleException("it makes objects in a way that no checkpoint does");
            default -> {
                requireThere(opcode);
                return super.dispatch(opcode);
            }
        }
        return NO_RETURN_VALUE;
    }

    @Override
    protected Object persistentLoad(Object id) {
        return PickledTypes.storage(id);
    }

    /** Refuses lengths beyond the pickle's end, for which memory would be allocated otherwise. */
    private void requireThere(short opcode) throws IOException {
        int bytes =
                switch (opcode) {
                    case Opcodes.BINSTRING, Opcodes.BINUNICODE, Opcodes.BINBYTES, Opcodes.LONG4 -> Integer.BYTES;
                    case Opcodes.BINUNICODE8, Opcodes.BINBYTES8, Opcodes.BYTEARRAY8 -> Long.BYTES;
                    default -> 0;
                };
        if (bytes > 0) {
            pickle.mark(bytes);
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            length.put(pickle.readNBytes(bytes)).rewind();
            if (Long.compareUnsigned(length.getLong(), pickle.available()) > 0) {
                throw new EOFException("its pickle ends too early");
            }
            pickle.reset();
        }
    }
}
