package io.residua.common.pytorch;

import io.residua.common.pytorch.StoredTensor.Storage;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.PickleException;

/** The closed list of types that a checkpoint is made of. Each is built here; nothing is looked up by its name. */
final class PickledTypes {
    private static final Map<String, IObjectConstructor> CONSTRUCTORS = Map.of(
            "argparse.Namespace", args -> new Namespace(),
            "collections.OrderedDict", PickledTypes::orderedDict,
            "torch._utils._rebuild_tensor_v2", StoredTensor::rebuild,
            "torch._utils._rebuild_parameter", args -> args[0],
            "numpy.dtype", args -> new NumpyType((String) args[0]),
            "numpy.core.multiarray.scalar", args -> ((NumpyType) args[0]).scalar((byte[]) args[1]),
            "numpy._core.multiarray.scalar", args -> ((NumpyType) args[0]).scalar((byte[]) args[1]),
            "_codecs.encode", PickledTypes::latin1);

    private PickledTypes() {}

    /**
     * What stands for a global name.
     *
     * @return a constructor, or a storage's type
     * @throws PickleException naming the type, if it is not on the list
     */
    static Object find(String module, String name) {
        if (module.equals("torch") && StorageType.ofClass(name).isPresent()) {
            return StorageType.ofClass(name).get();
        }
        IObjectConstructor constructor = CONSTRUCTORS.get(module + "." + name);
        if (constructor == null) {
            throw new PickleException("it holds " + module + "." + name
                    + ", but only tensors, numbers, texts, lists, dicts and argparse.Namespace are read");
        }
        return constructor;
    }

    /** The storage that a persistent id stands for: ("storage", type, key, device, number of elements). */
    static Storage storage(Object id) {
        if (id instanceof Object[] tuple && tuple.length == 5 && "storage".equals(tuple[0])) {
            return new Storage((StorageType) tuple[1], (String) tuple[2]);
        }
        throw new PickleException("it refers to something that is no storage");
    }

    /** Gives an object its state. */
    static void build(Object target, Object state) {
        if (target instanceof Namespace namespace) {
            ((Map<?, ?>) state).forEach((name, value) -> namespace.values().put((String) name, value));
        } else if (target instanceof NumpyType type) {
            type.order = ((Object[]) state)[1].equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        } else if (!(target instanceof Map)) {
            throw new PickleException("it gives a state to something that has none");
        }
        // A state dict's own state is its _metadata, versions of PyTorch's modules.
    }

    private static Object orderedDict(Object... args) {
        if (args.length > 0) {
            throw new PickleException("it makes a collections.OrderedDict from something");
        }
        return new LinkedHashMap<>();
    }

    /** How protocols before 3 write bytes. */
    private static Object latin1(Object... args) {
        if (!"latin1".equals(args[1])) {
            throw new PickleException("it encodes text as " + args[1] + ", expected latin1");
        }
        return ((String) args[0]).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Options as Python's command lines parse them. */
    record Namespace(Map<String, Object> values) {
        Namespace() {
            this(new HashMap<>());
        }
    }

    /** The type of a NumPy scalar. */
    private static final class NumpyType {
        private final String code;
        private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

        NumpyType(String code) {
            this.code = code;
        }

        Object scalar(byte[] data) {
            ByteBuffer bytes = ByteBuffer.wrap(data).order(order);
            return switch (code) {
                case "f8" -> bytes.getDouble();
                case "f4" -> bytes.getFloat();
                case "f2" -> StorageType.HALF.real(bytes, 0);
                case "i8" -> bytes.getLong();
                case "u8" -> new BigInteger(Long.toUnsignedString(bytes.getLong()));
                case "i4" -> bytes.getInt();
                case "u4" -> Integer.toUnsignedLong(bytes.getInt());
                case "i2" -> bytes.getShort();
                case "i1" -> bytes.get();
                case "u1" -> Byte.toUnsignedInt(bytes.get());
                case "b1" -> bytes.get() != 0;
                default -> throw new PickleException("it holds a NumPy scalar of type " + code);
            };
        }
    }
}
