/** The tab's title: at rest, or in turn with something that wants to be seen. */
export const flashing = {
  rest: 'thirdring',
  message: undefined as string | undefined,
  isOn: false,
  show() {
    document.title = this.isOn && this.message !== undefined ? this.message : this.rest;
  },
};
