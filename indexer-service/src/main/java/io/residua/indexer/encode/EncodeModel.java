package io.residua.indexer.encode;

import io.residua.common.inference.OnnxEncoder;

/**
 * A generation's model as the encode stage uses it.
 *
 * @param encoder the model
 * @param share when it may run
 * @param counts how many embeddings it accepts and refuses
 */
public record EncodeModel(OnnxEncoder encoder, EncoderBudget.Share share, EncodeCounts counts) {
    /** The generation's index is ready: its encoder may refuse any number of embeddings, and goes before those that build. */
    public void onReady() {
        counts.lift();
        share.setReady();
    }
}
