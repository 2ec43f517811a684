import { Duration, IgnoreMode, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ROOT } from './declaration';

export interface PythonFunctionProps {
  readonly name: string;
  readonly folder: string;
  readonly shared: string[];
  readonly environment: Record<string, string>;
  readonly rights: iam.PolicyStatement[];
  readonly layers?: lambda.ILayerVersion[];
  readonly timeout: Duration;
}

export function kept(scope: Construct, id: string, logGroupName: string): logs.LogGroup {
  return new logs.LogGroup(scope, id, {
    logGroupName, retention: logs.RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.DESTROY,
  });
}

export function roleThatLogs(scope: Construct, id: string, logGroup: logs.ILogGroup): iam.Role {
  const role = new iam.Role(scope, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  return role;
}

export class PythonFunction extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: PythonFunctionProps) {
    super(scope, id);
    const logGroup = kept(this, 'Logs', `/aws/lambda/${props.name}`);
    const role = roleThatLogs(this, 'Role', logGroup);
    props.rights.forEach((right) => role.addToPolicy(right));
    const packed = [props.folder, 'shared/*.py', ...props.shared.map((folder) => `shared/${folder}`)];
    this.function = new lambda.Function(this, 'Default', {
      functionName: props.name,
      runtime: lambda.Runtime.PYTHON_3_14,
      architecture: lambda.Architecture.X86_64,
      handler: `${props.folder}.handler.handler`,
      code: lambda.Code.fromAsset(`${ROOT}/lambda`, {
        exclude: ['*', ...packed.map((path) => `!${path}`), '**/__pycache__', '**/*.md'],
        ignoreMode: IgnoreMode.DOCKER,
      }),
      layers: props.layers,
      role,
      environment: props.environment,
      timeout: props.timeout,
      memorySize: 256,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
    });
  }
}
