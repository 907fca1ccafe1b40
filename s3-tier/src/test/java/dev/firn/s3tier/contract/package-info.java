/**
 * The one contract test for every kind of store: {@link dev.firn.s3tier.contract.ObjectStoreContract} first.
 *
 * <p>A new kind of store is done when a subclass of it passes. The tests stand by theme in the interfaces
 * {@code …Contract}, speak to a store through {@link dev.firn.s3tier.contract.StoreFixture} only, and leave to a
 * {@link dev.firn.s3tier.contract.StoreDriver} how time passes: by itself on a real store, by running the simulation on the
 * simulated one.
 */
package dev.firn.s3tier.contract;
