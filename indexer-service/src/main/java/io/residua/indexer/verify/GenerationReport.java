package io.residua.indexer.verify;

/**
 * The result of verifying one generation.
 *
 * @param modelVersion its model
 * @param liveItems items whose newest readable record is an embedding
 * @param withCode those of them that have a code
 * @param refused those of them whose newest embedding was refused; they may have the code of an earlier one
 * @param deletedItems items whose newest readable record deletes them
 * @param codeRecords records of the codes topic
 * @param notJudged what could not be judged
 * @param violations the violations found
 */
record GenerationReport(
        String modelVersion,
        long liveItems,
        long withCode,
        long refused,
        long deletedItems,
        long codeRecords,
        NotJudged notJudged,
        Violations violations) {}
