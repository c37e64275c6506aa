/** How lists come by the page: `next` of one is `after` of the following. For `api.useInfiniteQuery`. */
export const BY_PAGE = {
  pageParamName: 'after',
  // Not undefined, which stands for 0 there; null is left out of the address.
  initialPageParam: null,
  getNextPageParam: ({ next }: { next?: string | null }) => next ?? undefined,
};
