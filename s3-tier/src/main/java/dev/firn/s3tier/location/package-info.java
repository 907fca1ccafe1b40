/** Store URLs, and opening the store that one names: {@link dev.firn.s3tier.location.StoreLocation} first. Stateless. */
package dev.firn.s3tier.location;
