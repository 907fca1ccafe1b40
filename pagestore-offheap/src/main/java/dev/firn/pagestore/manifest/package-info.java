/**
 * What a timeline's page store consists of, and who owns it. Read {@link dev.firn.pagestore.manifest.ManifestStore} first; the bytes are described in
 * {@code docs/page-layers.md}, and why a sweep of layers that no manifest names is safe, in the page store's decision page.
 *
 * <p><b>Owner.</b> Manifests are immutable; a store of them belongs to its session's thread.
 *
 * <p><b>Invariants.</b> Manifests of a timeline are one line: each was written in place of the one before it, epochs never fall, generations rise, and
 * nobody adds to the line whose epoch another has passed.
 */
package dev.firn.pagestore.manifest;
