package io.residua.indexer.wire;

/** What the item stage consumes. */
public sealed interface ItemInput permits Latent, Answer {}
