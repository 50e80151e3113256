package io.residua.indexer.generation;

import io.residua.common.device.Device;
import io.residua.common.event.IndexStatus.Items;
import io.residua.indexer.encode.EncodeCounts;
import java.util.Optional;

/** A pipeline that is as far as a test says. */
final class FakePipeline implements Pipeline {
    boolean complete;
    long done;
    Items items = new Items(0, 0);
    EncodeCounts counts = new EncodeCounts(Long.MAX_VALUE);
    boolean encoding = true;
    boolean ready;
    boolean sourceHasEmbeddings;
    boolean statusWriter = true;
    boolean serving = true;
    boolean closed;
    String encodeTrouble;
    String failure;
    Error onLook;

    @Override
    public boolean isComplete() {
        return complete;
    }

    @Override
    public long total() {
        return 10;
    }

    @Override
    public long done() {
        return complete ? total() : done;
    }

    @Override
    public boolean sourceHasEmbeddings() {
        return sourceHasEmbeddings;
    }

    @Override
    public void captureFloor() {
        // Nothing is deleted here.
    }

    @Override
    public Items items() {
        if (onLook != null) {
            throw onLook;
        }
        return items;
    }

    @Override
    public EncodeCounts encodeCounts() {
        return counts;
    }

    @Override
    public void onReady() {
        ready = true;
    }

    @Override
    public void stopEncoding() {
        encoding = false;
    }

    @Override
    public Device device() {
        return new Device.Cpu();
    }

    @Override
    public boolean isStatusWriter() {
        return statusWriter;
    }

    @Override
    public int tasks() {
        return 1;
    }

    @Override
    public boolean isServing() {
        return serving;
    }

    @Override
    public Optional<String> encodeTrouble() {
        return Optional.ofNullable(encodeTrouble);
    }

    @Override
    public Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void close() {
        closed = true;
    }
}
