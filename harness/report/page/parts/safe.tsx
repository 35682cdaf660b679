import { Component, type ComponentChildren } from '../packages/preact.ts';

type Props = { what: string; children: ComponentChildren };

/** Part of the page that may fail alone: a broken journal leaves the rest readable. */
export class Safe extends Component<Props, { failed?: string }> {
  override componentDidCatch(error: unknown): void {
    this.setState({ failed: error instanceof Error ? error.message : String(error) });
  }

  override render(): ComponentChildren {
    const { failed } = this.state;
    const { what, children } = this.props;
    if (failed === undefined) return children;
    return (
      <p class="notice">
        {what} cannot be shown: {failed}
      </p>
    );
  }
}
