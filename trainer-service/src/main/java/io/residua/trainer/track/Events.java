package io.residua.trainer.track;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.util.ArrayList;
import java.util.List;

/**
 * The protocol buffers in TensorBoard's event files, as far as a training run needs them. They are put together by field
 * number, as {@code event.proto}, {@code summary.proto} and {@code tensor.proto} of TensorFlow assign them.
 */
final class Events {
    private static final int EVENT_WALL_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_FILE_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int EVENT_SESSION_LOG = 7;
    private static final int SESSION_LOG_STATUS = 1;
    private static final int SESSION_LOG_START = 1;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE = 2;
    private static final int VALUE_TENSOR = 8;
    private static final int VALUE_METADATA = 9;
    private static final int METADATA_PLUGIN = 1;
    private static final int PLUGIN_NAME = 1;
    private static final int TENSOR_TYPE = 1;
    private static final int TENSOR_TYPE_STRING = 7;
    private static final int TENSOR_SHAPE = 2;
    private static final int TENSOR_STRINGS = 8;
    private static final int SHAPE_DIMENSION = 2;
    private static final int DIMENSION_SIZE = 1;

    private Events() {}

    /** What the first event of a file has to be. */
    static byte[] version(double wallTime) {
        return event(wallTime, 0)
                .addField(EVENT_FILE_VERSION, text("brain.Event:2"))
                .build()
                .toByteArray();
    }

    /** A process begins: whatever an earlier one has told of {@code step} or later does not count any more. */
    static byte[] start(double wallTime, int step) {
        UnknownFieldSet log = UnknownFieldSet.newBuilder()
                .addField(SESSION_LOG_STATUS, number(SESSION_LOG_START))
                .build();
        return event(wallTime, step)
                .addField(EVENT_SESSION_LOG, message(log))
                .build()
                .toByteArray();
    }

    /** Figures after {@code step} epochs. */
    static byte[] scalars(double wallTime, int step, List<Scalar> scalars) {
        UnknownFieldSet.Builder summary = UnknownFieldSet.newBuilder();
        for (Scalar scalar : scalars) {
            int bits = Float.floatToRawIntBits((float) scalar.value());
            summary.mergeField(
                    SUMMARY_VALUE,
                    message(UnknownFieldSet.newBuilder()
                            .addField(VALUE_TAG, text(scalar.tag()))
                            .addField(
                                    VALUE_SIMPLE,
                                    Field.newBuilder().addFixed32(bits).build())
                            .build()));
        }
        return event(wallTime, step)
                .addField(EVENT_SUMMARY, message(summary.build()))
                .build()
                .toByteArray();
    }

    /** Text in Markdown. */
    static byte[] markdown(double wallTime, int step, String tag, String markdown) {
        UnknownFieldSet plugin =
                UnknownFieldSet.newBuilder().addField(PLUGIN_NAME, text("text")).build();
        UnknownFieldSet metadata = UnknownFieldSet.newBuilder()
                .addField(METADATA_PLUGIN, message(plugin))
                .build();
        UnknownFieldSet dimension =
                UnknownFieldSet.newBuilder().addField(DIMENSION_SIZE, number(1)).build();
        UnknownFieldSet tensor = UnknownFieldSet.newBuilder()
                .addField(TENSOR_TYPE, number(TENSOR_TYPE_STRING))
                .addField(
                        TENSOR_SHAPE,
                        message(UnknownFieldSet.newBuilder()
                                .addField(SHAPE_DIMENSION, message(dimension))
                                .build()))
                .addField(TENSOR_STRINGS, text(markdown))
                .build();
        UnknownFieldSet value = UnknownFieldSet.newBuilder()
                .addField(VALUE_TAG, text(tag))
                .addField(VALUE_TENSOR, message(tensor))
                .addField(VALUE_METADATA, message(metadata))
                .build();
        UnknownFieldSet summary = UnknownFieldSet.newBuilder()
                .addField(SUMMARY_VALUE, message(value))
                .build();
        return event(wallTime, step)
                .addField(EVENT_SUMMARY, message(summary))
                .build()
                .toByteArray();
    }

    /**
     * What an event says.
     *
     * @param wallTime in seconds since 1970
     * @param start whether a process began with it
     * @param scalars the figures in it
     */
    record Event(double wallTime, int step, boolean start, List<Scalar> scalars) {}

    /** Reads an event that was written here. */
    static Event parse(byte[] bytes) throws InvalidProtocolBufferException {
        UnknownFieldSet event = UnknownFieldSet.parseFrom(bytes);
        List<Scalar> scalars = new ArrayList<>();
        for (ByteString summary : event.getField(EVENT_SUMMARY).getLengthDelimitedList()) {
            for (ByteString bytesOfValue :
                    UnknownFieldSet.parseFrom(summary).getField(SUMMARY_VALUE).getLengthDelimitedList()) {
                UnknownFieldSet value = UnknownFieldSet.parseFrom(bytesOfValue);
                String tag = value.getField(VALUE_TAG)
                        .getLengthDelimitedList()
                        .get(0)
                        .toStringUtf8();
                value.getField(VALUE_SIMPLE)
                        .getFixed32List()
                        .forEach(bits -> scalars.add(new Scalar(tag, Float.intBitsToFloat(bits))));
            }
        }
        List<Long> step = event.getField(EVENT_STEP).getVarintList();
        return new Event(
                Double.longBitsToDouble(
                        event.getField(EVENT_WALL_TIME).getFixed64List().get(0)),
                step.isEmpty() ? 0 : Math.toIntExact(step.get(0)),
                event.hasField(EVENT_SESSION_LOG),
                scalars);
    }

    private static UnknownFieldSet.Builder event(double wallTime, int step) {
        long bits = Double.doubleToRawLongBits(wallTime);
        UnknownFieldSet.Builder event = UnknownFieldSet.newBuilder()
                .addField(EVENT_WALL_TIME, Field.newBuilder().addFixed64(bits).build());
        // As protocol buffers do, a 0 is left out.
        return step == 0 ? event : event.addField(EVENT_STEP, number(step));
    }

    private static Field number(long value) {
        return Field.newBuilder().addVarint(value).build();
    }

    private static Field text(String value) {
        return Field.newBuilder()
                .addLengthDelimited(ByteString.copyFromUtf8(value))
                .build();
    }

    private static Field message(UnknownFieldSet value) {
        return Field.newBuilder().addLengthDelimited(value.toByteString()).build();
    }
}
