package dev.firn.s3tier.contract;

import dev.firn.s3tier.store.StoreLimits;

/** What the tests of a theme stand on. */
public interface ContractTests {
    /** This test's store. */
    StoreFixture store();

    /** Another store of the same kind on the same place, with other limits; closed by the test before it ends. */
    StoreFixture open(String corner, StoreLimits limits);
}
