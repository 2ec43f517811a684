import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ServicePrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Aws, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

export const AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
export const ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD;
export const BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD;

export interface Watch {
  readonly what: string;
  readonly means: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly comparison?: cloudwatch.ComparisonOperator;
  readonly datapoints?: number;
  readonly of?: number;
  readonly silence?: cloudwatch.TreatMissingData;
}

export function raiseAlarms(scope: Construct, service: string, topic: sns.ITopic, watches: Watch[]): cloudwatch.Alarm[] {
  const action = new SnsAction(topic);
  return watches.map((watch) => {
    const alarm = new cloudwatch.Alarm(scope, watch.what, {
      alarmName: `${service}-${watch.what}`,
      alarmDescription: watch.means,
      metric: watch.metric,
      threshold: watch.threshold,
      comparisonOperator: watch.comparison ?? AT_LEAST,
      datapointsToAlarm: watch.datapoints ?? 1,
      evaluationPeriods: watch.of ?? 1,
      treatMissingData: watch.silence ?? cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    return alarm;
  });
}

export function alarmTopic(scope: Construct, id: string, topicName: string): sns.Topic {
  const topic = new sns.Topic(scope, id, { topicName, enforceSSL: true });
  topic.addToResourcePolicy(new PolicyStatement({
    sid: 'AlarmsOfThisAccount',
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: {
      ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:cloudwatch:${Stack.of(scope).region}:${Aws.ACCOUNT_ID}:alarm:*` },
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    },
  }));
  return topic;
}
