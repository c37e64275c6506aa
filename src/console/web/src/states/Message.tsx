import { Result, Typography, type ResultProps } from 'antd';

/** Something that takes the place of a whole screen; its title is the page's heading. */
export function Message({ title, ...rest }: ResultProps) {
  const heading = (
    <Typography.Title level={1} style={{ fontSize: 22, margin: 0 }}>
      {title}
    </Typography.Title>
  );
  return <Result {...rest} title={heading} />;
}
