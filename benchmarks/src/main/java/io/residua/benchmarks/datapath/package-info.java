/** Benchmarks of the path from an embedding to its code: a whole installation, or the assignment stages alone. */
package io.residua.benchmarks.datapath;
