package io.residua.indexer.wire;

import java.nio.ByteBuffer;

/** Version 1 of {@link Place} in the {@code places} store. */
public final class PlaceV1 extends WireFormat<Place> {
    public PlaceV1() {
        super("place", 1);
    }

    @Override
    int size(Place place) {
        return Long.BYTES + place.itemId().length;
    }

    @Override
    void write(Place place, ByteBuffer out) {
        out.putLong(place.claim()).put(place.itemId());
    }

    @Override
    Place read(ByteBuffer in) {
        long claim = in.getLong();
        byte[] itemId = new byte[in.remaining()];
        in.get(itemId);
        return new Place(itemId, claim);
    }
}
